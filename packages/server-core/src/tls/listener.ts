/** A TLS port: listening, bounds on connections, and an end that leaves none of them open. */
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Log } from '../ports/log.ts';
import { SparseLog } from '../sparse-log.ts';
import { Tally } from '../throttle/tally.ts';
import { remoteHost } from './remote-host.ts';

/** Where to listen, or what is listened on. */
export interface Address {
  /** A name or an address to listen on, `::` or `0.0.0.0` for all; the address that it came to. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface OpenConnections {
  readonly total: number;
  /** Where the new one comes from, and how many are open from there. */
  readonly host: string;
  readonly fromHost: number;
}

export interface ListenerOptions {
  readonly service: string;
  readonly tls: TlsOptions & SecureContextOptions;
  /** Connections at a time. */
  readonly connections: number;
  /** Whether one more may come; asked before the TLS handshake, with this one counted already. */
  readonly admits: (open: OpenConnections) => boolean;
  /** Gets each connection whose handshake is done. */
  readonly accept: (socket: TLSSocket) => void;
  readonly log: Log;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #hosts = new Tally();
  readonly #dropped: SparseLog;
  readonly #failed: SparseLog;
  #refusing = false;

  constructor(options: ListenerOptions) {
    const { tls, connections, log, service } = options;
    this.#options = options;
    this.#dropped = new SparseLog((fields) => log.warn(fields, 'connection dropped: too many are open'));
    this.#failed = new SparseLog((fields) => log.info(fields, 'TLS handshake failed'));
    this.#server = createServer({ ...tls, noDelay: true });
    this.#server.maxConnections = connections;
    this.#server.on('connection', (socket: Socket) => this.#connect(socket));
    this.#server.on('secureConnection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // When a certificate is refused, the error is only that the connection was cut; the reason is with the socket.
      const code = socket.authorizationError ?? error.code ?? error.message;
      this.#failed.note({ service, code: String(code) });
      socket.destroy();
    });
    this.#server.on('drop', () => this.#dropped.note({ service, why: 'connections' }));
  }

  /** Resolves when it listens; rejects with the system's error (`EADDRINUSE`, `EACCES`, ...). */
  async listen({ host, port }: Address): Promise<Address> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error) => this.#options.log.error({ service: this.#options.service, error }, 'listener'));
    const bound = this.#server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  /** Connections from now on are made with this context; those that are open stay as they are. */
  renew(context: SecureContextOptions): void {
    this.#server.setSecureContext(context);
  }

  /** Takes no more connections. */
  refuse(): void {
    this.#refusing = true;
    if (this.#server.listening) this.#server.close();
  }

  /** Takes no more connections and cuts those that are left, in the handshake or after it. */
  async close(): Promise<void> {
    this.refuse();
    const closed = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
    this.#dropped.flush();
    this.#failed.flush();
  }

  #connect(socket: Socket): void {
    const host = remoteHost(socket.remoteAddress ?? 'unknown');
    this.#sockets.add(socket);
    this.#hosts.add(host);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#hosts.remove(host);
    });
    if (this.#options.admits({ total: this.#sockets.size, host, fromHost: this.#hosts.count(host) })) return;
    this.#dropped.note({ service: this.#options.service, why: 'not logged in', host });
    socket.destroy();
  }

  #accept(socket: TLSSocket): void {
    const { accept, log, service } = this.#options;
    // Its handshake was under way when the listener was told to refuse.
    if (this.#refusing) {
      socket.destroy();
      return;
    }
    try {
      accept(socket);
    } catch (error) {
      log.error({ service, error }, 'connection could not be taken');
      socket.destroy();
    }
  }
}
