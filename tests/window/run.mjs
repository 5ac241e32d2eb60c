// Runs the window tests on a display, a message bus and a keyring of their own: `node tests/window/run.mjs [TEST…]`.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const asked = process.argv.slice(2);
const tests = asked.length > 0 ? asked : readdirSync(here).filter((name) => name.endsWith('.test.mjs'));
const script = tests[0]?.endsWith('.test.mjs') ? ['--test', '--test-concurrency=1'] : [];

const folder = mkdtempSync(join(tmpdir(), 'keelmark-display-'));
chmodSync(folder, 0o700);

/** The number of a display that is free. */
function display() {
  return new Promise((found, failed) => {
    const options = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'];
    const server = spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    server.once('error', failed);
    server.once('exit', (code) => failed(new Error(`Xvfb ended with ${code}`)));
    server.stdio[3].once('data', (number) => found({ server, name: `:${String(number).trim()}` }));
  });
}

const { server, name } = await display();
const unlocked =
  'printf keelmark | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"';
const command = [
  '--',
  'sh',
  '-c',
  unlocked,
  'sh',
  process.execPath,
  ...script,
  ...tests.map((test) => join(here, test)),
];
const env = { ...process.env, DISPLAY: name, HOME: folder, XDG_RUNTIME_DIR: folder, GDK_BACKEND: 'x11' };
delete env.WAYLAND_DISPLAY;
const session = spawn('dbus-run-session', command, { env, stdio: 'inherit' });
const code = await new Promise((done) => {
  session.once('error', (error) => done(console.error(`dbus-run-session: ${error.message}`) ?? 1));
  session.once('exit', (ended) => done(ended ?? 1));
});
server.removeAllListeners('exit');
server.kill();
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.exit(code);
