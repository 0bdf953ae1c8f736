// Chromium for the tests and the pictures: Debian's own, driven by
// playwright-core, which brings no browser.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** Path of the browser; the check passes the one that it found. */
export const program = process.env.CHROMIUM ?? '/usr/bin/chromium';

// Nothing here may look anything up on the network, and root has no sandbox.
const quiet = [
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-quic', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage',
];

/** Starts a browser; whoever starts it closes it. */
export async function launch() {
  if (!existsSync(program)) throw new Error(`there is no browser at ${program}; CHROMIUM names another`);
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: program, args: [...quiet, ...root] });
}
