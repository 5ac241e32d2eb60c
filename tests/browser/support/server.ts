// The real backend with the built UI in front of it, as a process of one world.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CommandMap, OpenTarget, Problem } from '$generated/bindings';
import { dist, loopback } from './places';
import type { World } from './world';

/** What the backend refuses, with its reason. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.summary}`);
  }
}

export class Server {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
    private readonly token: string,
    private readonly said: () => string,
  ) {}

  static async start(world: World): Promise<Server> {
    const child = spawn(loopback, ['--ui', dist], {
      cwd: world.path,
      env: world.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the server did not start: ${said}`);
    });
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    ended.catch(() => undefined);
    const url = new URL((JSON.parse(line) as { url: string }).url);
    return new Server(child, url.origin, url.searchParams.get('token') ?? '', () => said);
  }

  /** The address of a view: what a person would have in the address bar. */
  url(hash = '#/'): string {
    return `${this.origin}/?token=${this.token}${hash}`;
  }

  private async post(path: string, body: unknown): Promise<Response> {
    return fetch(`${this.origin}${path}?token=${this.token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.origin },
      body: JSON.stringify(body),
    });
  }

  /** Asks the backend directly: to arrange what a test begins with, and to look at what it ended with. */
  async call<K extends keyof CommandMap>(
    name: K,
    args: CommandMap[K]['args'],
  ): Promise<CommandMap[K]['answer']> {
    const response = await this.post(`/call/${name}`, args);
    const body: unknown = await response.json();
    if (response.ok) return body as CommandMap[K]['answer'];
    throw new Refused((body as { problem: Problem }).problem);
  }

  /** What a second start of the app with arguments would do. */
  async ask(target: Partial<OpenTarget>): Promise<void> {
    await this.post('/open', { folder: null, url: null, files: [], ...target });
  }

  /** What it wrote to standard error. */
  get log(): string {
    return this.said();
  }

  /** Ends as the app does when its last window closes: detached workers go on. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    const late = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  }
}
