// A world of its own for a test: home, settings, and the programs as they were built.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Session } from './webdriver.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const target = resolve(process.env.CARGO_TARGET_DIR ?? join(root, 'target'));
const profile = process.env.KEELMARK_PROFILE ?? 'debug';

const PASSED_ON = [
  'PATH',
  'LD_LIBRARY_PATH',
  'DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'LANG',
];
const GIT_CONFIG =
  '[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n';

const call = promisify(execFile);

/** A folder with a home, and windows that live in it. */
export class World {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'keelmark-window-')));
  programs = join(target, profile);
  #sessions = [];

  constructor() {
    mkdirSync(join(this.folder, 'home'));
    writeFileSync(join(this.folder, 'home/.gitconfig'), GIT_CONFIG);
  }

  /** What programs see of the real environment, and where their things go. */
  get env() {
    const seen = Object.fromEntries(
      PASSED_ON.filter((name) => process.env[name]).map((name) => [name, process.env[name]]),
    );
    const variables = {
      HOME: join(this.folder, 'home'),
      KEELMARK_HOME: join(this.folder, 'keelmark'),
      GIT_CONFIG_NOSYSTEM: '1',
      GTK_A11Y: 'none',
      NO_AT_BRIDGE: '1',
    };
    return { ...seen, ...variables };
  }

  path = (...names) => join(this.folder, ...names);

  program(name) {
    const path = join(this.programs, name);
    if (!existsSync(path)) throw new Error(`${path} is not there: cargo build --workspace first`);
    return path;
  }

  /** Opens the window. */
  async open(...args) {
    const session = await Session.start({ program: this.program('keelmark-desktop'), args, env: this.env });
    this.#sessions.push(session);
    return session;
  }

  /** The window's program, started once more beside an open one. */
  startAgain = (...args) => call(this.program('keelmark-desktop'), args, { env: this.env, timeout: 30_000 });

  /** The command line. */
  async keelmark(...args) {
    const { stdout } = await call(this.program('keelmark'), args, {
      env: this.env,
      cwd: this.folder,
      maxBuffer: 1 << 26,
    });
    return stdout;
  }

  /** Git, in a folder of this world. */
  async git(folder, ...args) {
    const { stdout } = await call('git', args, { env: this.env, cwd: this.path(folder) });
    return stdout.trim();
  }

  async end() {
    for (const session of this.#sessions) await session.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** A step of a flow; where it fails, a picture shows at what. */
export function step(name, session, work, options = {}) {
  test(name, options, async () => {
    try {
      await work();
    } catch (error) {
      await keep(session(), `failed-${name.replace(/\W+/g, '-')}`).catch(() => undefined);
      throw error;
    }
  });
}

/** Keeps a picture for people to look at. */
export async function keep(session, name) {
  const folder = join(target, 'screenshots');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `window-${name}.png`), await session.screenshot());
}
