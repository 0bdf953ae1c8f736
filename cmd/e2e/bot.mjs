// The bot under test: built once, started as `onbehalf demo` on a free port,
// killed and started again at will.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, lineOf } from './process.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Path of the program: the check builds it; alone, the tests do. */
export function program() {
  if (process.env.ONBEHALF_PROGRAM) return process.env.ONBEHALF_PROGRAM;
  const built = path.join(mkdtempSync(path.join(tmpdir(), 'onbehalf-program-')), 'onbehalf');
  process.once('exit', () => rmSync(path.dirname(built), { recursive: true, force: true }));
  execFileSync('go', ['build', '-buildvcs=false', '-o', built, './cmd/onbehalf'], { cwd: root, stdio: 'inherit' });
  return built;
}

/** A bot with a database of its own that lasts until remove(); settings are environment variables. */
export async function newBot(settings = {}) {
  const file = program();
  const dir = mkdtempSync(path.join(tmpdir(), 'onbehalf-bot-'));
  const address = `127.0.0.1:${await freePort()}`;
  let child;
  let ended;

  const bot = {
    url: `http://${address}/api/messages`,

    async start() {
      child = spawn(file, ['demo', '--no-playground'], {
        cwd: dir,
        env: { PATH: process.env.PATH, HOME: dir, XDG_CACHE_HOME: path.join(dir, 'cache'), LISTEN_ADDR: address, ...settings },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const mine = child;
      ended = new Promise((resolve) => mine.once('exit', (code, signal) => resolve(signal ?? code)));
      process.once('exit', () => mine.kill('SIGKILL'));
      await lineOf(child, /listens on/, 60_000);
    },

    /** Posts an activity to it as a client of Teams would, and returns the answer. */
    async answer(activity) {
      const answer = await fetch(bot.url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(activity) });
      const body = await answer.text();
      return { status: answer.status, body: body === '' ? undefined : JSON.parse(body) };
    },

    /** Ends it as a power cut would. */
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },

    /** Asks it to end and returns its exit status. */
    stop() {
      child.kill('SIGTERM');
      return ended;
    },

    async remove() {
      await bot.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return bot;
}
