/** A small HTTP server for programs that watch this one: it answers GET and HEAD at fixed paths, and takes nothing. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { Address, Log } from '@chat/server-core';

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The paths, and the functions that answer them. */
export type Routes = Readonly<Record<string, () => Promise<Answer>>>;

/** Times in milliseconds after which a connection is ended, so that silent ones do not keep the others out. */
export interface EndpointTimes {
  /** Until a request is complete. */
  readonly requestMs: number;
  /** While nothing moves: the answer is not ready, or the client does not read it. */
  readonly stillMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
}

const maxConnections = 16;
const defaultTimes: EndpointTimes = { requestMs: 5_000, stillMs: 10_000, keepAliveMs: 65_000 };

const plain = (status: number, text: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${text}\n`,
});

/**
 * Returns whether a request names this endpoint. A page in a browser on this machine can give the address a name of its own, and would
 * then be allowed to read the answer.
 */
function isOwnName(header: string | undefined, own: string): boolean {
  const name = (header ?? '')
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name === own.toLowerCase() || isIP(name) !== 0;
}

/** Listens until it is closed. */
export class Endpoint {
  readonly #server: Server;
  readonly #host: string;
  readonly #routes: Routes;
  readonly #log: Log;

  private constructor(host: string, routes: Routes, log: Log, times: EndpointTimes) {
    this.#host = host;
    this.#routes = routes;
    this.#log = log;
    const timeouts = {
      headersTimeout: times.requestMs,
      requestTimeout: times.requestMs,
      // Node looks at these two only so often, by default each 30 seconds.
      connectionsCheckingInterval: times.requestMs / 5,
      keepAliveTimeout: times.keepAliveMs,
    };
    this.#server = createServer({ ...timeouts, maxHeaderSize: 8_192 }, (request, response) => {
      void this.#answer(request).then((answer) => send(request, response, answer));
    });
    this.#server.maxConnections = maxConnections;
    this.#server.timeout = times.stillMs;
  }

  /**
   * Resolves when it listens.
   *
   * @throws the system's errors
   */
  static async listen(
    { host, port }: Address,
    routes: Routes,
    log: Log,
    times: EndpointTimes = defaultTimes,
  ): Promise<Endpoint> {
    const endpoint = new Endpoint(host, routes, log, times);
    const server = endpoint.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', (error) => log.error({ service: 'metrics', error }, 'the listener failed'));
    return endpoint;
  }

  /** Where it listens. */
  get address(): Address {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer({ method, url = '', headers }: IncomingMessage): Promise<Answer> {
    if (!isOwnName(headers.host, this.#host)) {
      return plain(421, 'This server does not have that name. Ask it by its IP address, or as localhost.');
    }
    const [path = ''] = url.split('?');
    const route = Object.hasOwn(this.#routes, path) ? this.#routes[path] : undefined;
    if (route === undefined)
      return plain(404, `Nothing is here. Ask for one of ${Object.keys(this.#routes).join(', ')}.`);
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET and HEAD are answered.');
    try {
      return await route();
    } catch (error) {
      this.#log.error({ service: 'metrics', path, error }, 'a request failed');
      return plain(500, 'The server could not find this out and has logged the reason.');
    }
  }
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
