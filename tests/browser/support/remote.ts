// A Git server over HTTP whose answers can be held back, so that a test sees a transfer in the middle of it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { World } from './world';

/** How much of a pack goes through before it is held. */
const BEFORE_HOLD_BYTES = 200_000;

export class Remote {
  private held: Promise<void> | null = null;
  private let: () => void = () => undefined;
  /** Whether a password nobody has is demanded. */
  denies = false;

  private constructor(
    private readonly world: World,
    private readonly server: Server,
    private readonly backend: string,
  ) {}

  /** Serves every bare repository below the world's folder `remotes`. */
  static async start(world: World): Promise<Remote> {
    const backend = join(await world.git(world.path, ['--exec-path']), 'git-http-backend');
    const server = createServer();
    const remote = new Remote(world, server, backend);
    server.on('request', (request, response) => void remote.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return remote;
  }

  /** Makes a bare repository of everything in `from`; gives its address. */
  async publish(from: string, name: string): Promise<string> {
    const bare = this.world.at('remotes', name);
    await this.world.git(this.world.path, ['clone', '--quiet', '--mirror', from, bare]);
    await this.world.git(bare, ['config', 'http.receivepack', 'true']);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
  }

  /** From now on packs stop after their beginning. */
  hold(): void {
    this.held = new Promise((resolve) => (this.let = resolve));
  }

  /** Lets everything through. */
  release(): void {
    this.held = null;
    this.let();
  }

  async stop(): Promise<void> {
    this.release();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.denies) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const child = spawn(this.backend, {
      env: {
        ...this.world.env,
        GIT_PROJECT_ROOT: this.world.at('remotes'),
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: 'ada',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined); // It may end before it has read everything.
    request.pipe(child.stdin);
    response.on('close', () => child.kill());
    let head: Buffer | null = Buffer.alloc(0);
    let sent = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      let body = chunk;
      if (head) {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) continue;
        body = head.subarray(end + 4);
        begin(response, head.subarray(0, end).toString());
        head = null;
      }
      for (let at = 0; at < body.length; at += 16_384) {
        if (sent >= BEFORE_HOLD_BYTES && this.held) await this.held;
        if (response.destroyed) return;
        const part = body.subarray(at, at + 16_384);
        sent += part.length;
        response.write(part);
      }
    }
    response.end();
  }
}

/** The status and headers a CGI program begins with. */
function begin(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s, 2);
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.statusCode = status;
}
