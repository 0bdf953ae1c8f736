// Programs that tests start: a line that they print, a port that is free.
import { createServer } from 'node:net';

/**
 * Waits until a child process prints a line that matches, and returns the match.
 * Its output goes on being read, so that it never waits for us.
 */
export function lineOf(child, pattern, limit) {
  return new Promise((resolve, reject) => {
    let said = '';
    const give = (how, value) => {
      clearTimeout(timer);
      how(value);
    };
    const timer = setTimeout(() => give(reject, new Error(`no line like ${pattern} within ${limit} ms:\n${said}`)), limit);
    const read = (chunk) => {
      said = (said + chunk).slice(-20_000);
      const found = pattern.exec(said);
      if (found) give(resolve, found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (err) => give(reject, err));
    child.once('exit', (code, signal) => give(reject, new Error(`ended with ${signal ?? code}:\n${said}`)));
  });
}

/** A port of 127.0.0.1 that nobody uses. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
