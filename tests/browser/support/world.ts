// A world of its own for one test: a home, Keelmark's folders, repositories, and the programs a person would use.

import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { keelmark } from './places';

const run = promisify(execFile);

const GIT_CONFIG = `[user]
  name = Ada Lovelace
  email = ada@example.org
[init]
  defaultBranch = main
[commit]
  gpgSign = false
[gc]
  auto = 0
[maintenance]
  auto = false
`;

export type Answer = { code: number; stdout: string; stderr: string };

export class World {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(options: { identity?: boolean } = {}) {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), 'keelmark-browser-')));
    for (const name of ['home', 'keelmark', 'temporary']) mkdirSync(join(this.path, name));
    const config = options.identity === false ? GIT_CONFIG.replace(/\[user\][^[]*/, '') : GIT_CONFIG;
    writeFileSync(join(this.path, 'home/.gitconfig'), config);
    this.env = {
      PATH: process.env.PATH,
      HOME: join(this.path, 'home'),
      TMPDIR: join(this.path, 'temporary'),
      TZ: 'UTC',
      LC_ALL: 'C.UTF-8',
      KEELMARK_HOME: join(this.path, 'keelmark'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CEILING_DIRECTORIES: this.path,
      RUST_BACKTRACE: '1',
    };
  }

  /** A path inside this world. */
  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Writes a file and the folders above it. */
  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  }

  /** What a file says; nothing where it is not there, as in the middle of being replaced. */
  read(path: string): string {
    return existsSync(this.at(path)) ? readFileSync(this.at(path), 'utf8') : '';
  }

  /** Runs a program to its end, whatever it answers. */
  async answer(
    program: string,
    args: string[],
    folder = this.path,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Answer> {
    const options = {
      cwd: folder,
      env: { ...this.env, ...env },
      maxBuffer: 1 << 26,
    };
    try {
      return { code: 0, ...(await run(program, args, options)) };
    } catch (error) {
      const failed = error as {
        code?: number;
        stdout?: string;
        stderr?: string;
      };
      return {
        code: failed.code ?? -1,
        stdout: failed.stdout ?? '',
        stderr: failed.stderr ?? String(error),
      };
    }
  }

  private async done(
    program: string,
    args: string[],
    folder?: string,
    env?: NodeJS.ProcessEnv,
  ): Promise<string> {
    const answer = await this.answer(program, args, folder, env);
    if (answer.code === 0) return answer.stdout;
    throw new Error(
      `${basename(program)} ${args.join(' ')} ended with ${answer.code}: ${answer.stdout}${answer.stderr}`,
    );
  }

  /** What `git` writes. */
  async git(folder: string, args: string[], env?: NodeJS.ProcessEnv): Promise<string> {
    return (await this.done('git', args, folder, env)).trimEnd();
  }

  /** The JSON that `keelmark` answers with. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async keelmark(folder: string, args: string[], env?: NodeJS.ProcessEnv): Promise<any> {
    return JSON.parse(await this.done(keelmark, [...args, '--json'], folder, env));
  }

  /** A copy of a finished repository. */
  async copy(from: string, name: string): Promise<string> {
    const to = this.at(name);
    await run('cp', ['-a', from, to]);
    return to;
  }

  /** Detached workers outlive whoever started them: the ones of this world. */
  programs(): number[] {
    const ours = `KEELMARK_HOME=${this.env.KEELMARK_HOME}`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          const program = basename(readlinkSync(`/proc/${pid}/exe`));
          return (
            program.startsWith('keelmark') &&
            readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(ours)
          );
        } catch {
          return false; // It has ended meanwhile, or is somebody else's.
        }
      });
  }

  /** The detached workers alone. */
  workers(): number[] {
    return this.programs().filter((pid) => basename(readlinkSync(`/proc/${pid}/exe`)) === basename(keelmark));
  }

  /** Ends what still runs and takes everything away. */
  end(): void {
    for (const pid of this.programs()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    if (process.env.KEELMARK_KEEP_WORLDS) return;
    rmSync(this.path, {
      recursive: true,
      force: true,
      maxRetries: 5,
      retryDelay: 50,
    });
  }
}
