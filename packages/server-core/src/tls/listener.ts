/** A TLS port: listens, bounds the number of connections, and leaves none open when it closes. */
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Log } from '../ports/log.ts';
import { SparseLog } from '../sparse-log.ts';
import { ConnectionCounts } from '../throttle/connection-counts.ts';
import { remoteHost } from './remote-host.ts';

/** An address to listen on, or the address of a listener. */
export interface Address {
  /** A name or an address, `::` or `0.0.0.0` for all interfaces. Of a listener: its address. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** Numbers of open connections, including the new one. */
export interface OpenConnections {
  readonly total: number;
  /** Host of the new connection. */
  readonly host: string;
  /** Number of connections from that host. */
  readonly fromHost: number;
}

/** Options of `Listener`. */
export interface ListenerOptions {
  /** For the log. */
  readonly service: string;
  readonly tls: TlsOptions & SecureContextOptions;
  /** Number of connections above which the port drops new ones. */
  readonly maxConnections: number;
  /** Decides on one more connection, before its TLS handshake. */
  readonly admits: (open: OpenConnections) => boolean;
  /** Called with each connection after its handshake. */
  readonly accept: (socket: TLSSocket) => void;
  readonly log: Log;
}

/** A TLS port and its open connections. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #hosts = new ConnectionCounts();
  readonly #dropped: SparseLog;
  readonly #failed: SparseLog;
  #refusing = false;

  constructor(options: ListenerOptions) {
    const { tls, maxConnections, log, service } = options;
    this.#options = options;
    this.#dropped = new SparseLog((fields) => log.warn(fields, 'connection dropped: too many are open'));
    this.#failed = new SparseLog((fields) => log.info(fields, 'TLS handshake failed'));
    this.#server = createServer({ ...tls, noDelay: true });
    this.#server.maxConnections = maxConnections;
    this.#server.on('connection', (socket: Socket) => this.#connect(socket));
    this.#server.on('secureConnection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // For a refused certificate the error only says that the connection was reset; the socket has the reason.
      const code = socket.authorizationError ?? error.code ?? error.message;
      this.#failed.note({ service, code: String(code) });
      socket.destroy();
    });
    this.#server.on('drop', () => this.#dropped.note({ service, why: 'connections' }));
  }

  /** Resolves with the address when the port listens. Rejects with the system's error (`EADDRINUSE`, `EACCES`, ...). */
  async listen({ host, port }: Address): Promise<Address> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error) =>
      this.#options.log.error({ service: this.#options.service, error }, 'the listener failed'),
    );
    const bound = this.#server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  /** Uses this context for new connections. Open connections keep theirs. */
  renew(context: SecureContextOptions): void {
    this.#server.setSecureContext(context);
  }

  /** Accepts no more connections. */
  refuse(): void {
    this.#refusing = true;
    if (this.#server.listening) this.#server.close();
  }

  /** Accepts no more connections and closes the open ones, during or after the handshake. */
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
    // The handshake was pending when `refuse` was called.
    if (this.#refusing) {
      socket.destroy();
      return;
    }
    try {
      accept(socket);
    } catch (error) {
      log.error({ service, error }, 'connection could not be accepted');
      socket.destroy();
    }
  }
}
