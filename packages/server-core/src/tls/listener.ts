/**
 * A TLS port: listens, bounds the connections that have proved no identity, and leaves none open when it closes. Until a
 * connection has proved an identity, every step has a short time limit of its own.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import type { ClientCertificate, ClientCertificates } from '../identity/certificate-names.ts';
import type { ServerLimits } from '../limits/limits.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics, Service } from '../ports/metrics.ts';
import { FailedAttempts } from '../throttle/failed-attempts.ts';
import { awaitClientHello } from './client-hello.ts';
import { ConnectionLog } from './connection-log.ts';
import type { HandshakeTurns } from './handshake-turns.ts';
import { HostFilter } from './host-filter.ts';
import { certificateOf } from './options.ts';
import type { PortBounds } from './port-bounds.ts';
import { refuseCertificate } from './refuse-certificate.ts';
import { remoteHost } from './remote-host.ts';
import { freeSentChains } from './sent-chain.ts';
import { type Unproven, UnprovenConnections } from './unproven-connections.ts';

/** An address to listen on, or the address of a listener. */
export interface Address {
  /** A name or an address, `::` or `0.0.0.0` for all interfaces. Of a listener: its address. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** What a listener needs to know of the session on a connection. */
export interface Guest {
  /** Ends the session with `server-full`, because the connection has proved nothing and others need its place. */
  endAsFull(): void;
}

/** A connection after its TLS handshake. */
export interface Arrival {
  readonly socket: TLSSocket;
  /** The client's certificate: valid, and not revoked. Null when it has none, on a port that does not require one. */
  readonly certificate: ClientCertificate | null;
  /** The client's host, by which connections are counted. */
  readonly host: string;
  /** To be called when the client has proved its identity: from then on the connection has its place. */
  readonly proved: () => void;
}

/** Options of `Listener`. */
export interface ListenerOptions {
  /** For the log and the metrics. */
  readonly service: Service;
  readonly tls: SecureContextOptions;
  /** True when a client without a valid certificate is refused. False when one is optional, for renewals. */
  readonly requiresCertificate: boolean;
  readonly certificates: ClientCertificates;
  /** Returns whether the certificate with this serial number was revoked. */
  readonly isRevoked: (serial: string) => boolean;
  /** Returns the bounds of the port, which follow from the limits. */
  readonly bounds: () => PortBounds;
  readonly turns: HandshakeTurns;
  readonly limits: ServerLimits;
  /** Returns milliseconds. */
  readonly clock: () => number;
  /** Called with each connection after its handshake. */
  readonly accept: (arrival: Arrival) => Guest;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Number of connections that one user may have open with a valid certificate to prove an identity. */
const maxPerCertificate = 2;

/** A connection from its first packet on. */
interface Caller extends Unproven {
  readonly socket: Socket;
  /** True after the TLS handshake. */
  isSecure: boolean;
  isProved: boolean;
  /** The time limits until the end of the handshake. Empty after it, so that an idle connection keeps none in memory. */
  readonly timers: NodeJS.Timeout[];
  guest: Guest | null;
  /** The table in which it has its place until it is displaced or has proved an identity. */
  table: UnprovenConnections;
  /** Its place in the table. */
  place: Unproven;
}

/** Identifies an open connection by the client's address and port, because TLS hides its plain socket. */
const addressKey = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

function clearTimers({ timers }: Caller): void {
  for (const timer of timers.splice(0)) clearTimeout(timer);
}

/** A TLS port and its open connections. */
export class Listener {
  readonly #options: ListenerOptions;
  /** Accepts connections. */
  readonly #server: Server;
  /** Carries out TLS on those that have begun a handshake. It does not listen. */
  readonly #tls: TlsServer;
  readonly #callers = new Map<string, Caller>();
  /** Connections of strangers, by host. */
  readonly #strangers: UnprovenConnections;
  /** Connections whose client has shown a valid certificate, by its user. Strangers do not take their places. */
  readonly #holders: UnprovenConnections;
  readonly #failures: FailedAttempts;
  readonly #log: ConnectionLog;
  #refusing = false;

  constructor(options: ListenerOptions) {
    const { tls, bounds, limits, clock } = options;
    this.#options = options;
    const shared = { max: () => bounds().maxUnproven, graceMs: () => limits.unprovenGraceMs, clock };
    this.#strangers = new UnprovenConnections({ ...shared, maxPerHost: () => bounds().maxUnprovenPerHost });
    this.#holders = new UnprovenConnections({ ...shared, maxPerHost: () => maxPerCertificate });
    this.#failures = new FailedAttempts(limits, clock);
    this.#log = new ConnectionLog(options);
    // The listener itself refuses a client without a valid certificate, so that the client learns the reason, and ends slow handshakes.
    this.#tls = createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false });
    freeSentChains(this.#tls);
    this.#tls.on('secureConnection', (socket) => this.#accept(socket));
    this.#tls.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET') this.#log.left();
      else this.#log.failed(error.code ?? error.message);
      socket.destroy();
    });
    const blockList = new HostFilter((host) => this.#isRefused(host));
    this.#server = createServer({ noDelay: true, pauseOnConnect: true, blockList });
    this.limitsChanged();
    this.#server.on('connection', (socket: Socket) => this.#connect(socket));
    this.#server.on('drop', () => this.#log.dropped({ why: 'connections' }));
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
    this.#server.on('error', (error) => this.#log.broken(error));
    const bound = this.#server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  /** Uses this context for new connections. Open connections keep theirs. */
  renew(context: SecureContextOptions): void {
    this.#tls.setSecureContext(context);
  }

  /** To be called when the limits have changed. Those that are read at each use count already. */
  limitsChanged(): void {
    this.#server.maxConnections = this.#options.bounds().maxSockets;
  }

  /** Accepts no more connections. */
  refuse(): void {
    this.#refusing = true;
    if (this.#server.listening) this.#server.close();
  }

  /** Accepts no more connections and closes the open ones, during or after the handshake. */
  async close(): Promise<void> {
    this.refuse();
    const sockets = [...this.#callers.values()].map(({ socket }) => socket);
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    this.#log.flush();
  }

  /** True while the port accepts connections. */
  get listening(): boolean {
    return this.#server.listening && !this.#refusing;
  }

  /** Returns whether a host has failed too often. */
  #isRefused(host: string): boolean {
    if (this.#failures.mayTry(host)) return false;
    this.#log.dropped({ why: 'too many attempts without a login', host });
    return true;
  }

  #connect(socket: Socket): void {
    // A reset by the client is no error of the server; `close` follows.
    socket.on('error', () => {});
    const host = remoteHost(socket.remoteAddress ?? 'unknown');
    const caller = this.#callerOf(socket, host);
    if (!this.#strangers.add(caller)) {
      this.#log.dropped({ why: 'not logged in', host });
      socket.destroy();
      return;
    }
    this.#hold(caller);
    awaitClientHello(
      socket,
      () => this.#options.turns.take(() => this.#beginHandshake(socket)),
      () => {
        this.#log.failed('no client hello');
        socket.destroy();
      },
    );
  }

  /** Lets TLS take the connection over. */
  #beginHandshake(socket: Socket): void {
    // The connection has closed, or was displaced, while it waited for its turn.
    if (!socket.destroyed && !this.#refusing) this.#tls.emit('connection', socket);
  }

  #callerOf(socket: Socket, host: string): Caller {
    const displace = (): void => {
      this.#log.dropped({ why: 'not logged in', host });
      if (caller.guest === null) socket.destroy();
      else caller.guest.endAsFull();
    };
    const state = { isSecure: false, isProved: false, timers: [], guest: null, table: this.#strangers };
    const caller: Caller = { host, displace, socket, ...state, place: { host, displace } };
    caller.place = caller;
    return caller;
  }

  /** Keeps the connection until it closes. Then a connection that has proved nothing counts as a failed attempt. */
  #hold(caller: Caller): void {
    const { socket, host } = caller;
    const key = addressKey(socket);
    this.#callers.set(key, caller);
    const { firstByteTimeoutMs, handshakeTimeoutMs } = this.#options.limits;
    // After a look at what has arrived: a busy server is no reason to end a connection.
    const endLater = (isDue: () => boolean, timeoutMs: number): NodeJS.Timeout =>
      setTimeout(() => setImmediate(() => isDue() && socket.destroy()), timeoutMs);
    caller.timers.push(
      endLater(() => socket.bytesRead === 0, firstByteTimeoutMs),
      endLater(() => !caller.isSecure, handshakeTimeoutMs),
    );
    socket.once('close', () => {
      clearTimers(caller);
      this.#callers.delete(key);
      caller.table.remove(caller.place);
      if (!caller.isProved && socket.bytesRead > 0) this.#failures.note(host);
    });
  }

  #accept(socket: TLSSocket): void {
    const { accept, requiresCertificate, limits, log, service, metrics } = this.#options;
    const caller = this.#callers.get(addressKey(socket));
    // The handshake was pending when `refuse` was called, or the connection has closed meanwhile.
    if (this.#refusing || caller === undefined) {
      socket.destroy();
      return;
    }
    caller.isSecure = true;
    clearTimers(caller);
    try {
      // Nothing has been read from the connection yet.
      const certificate = this.#validCertificate(socket);
      if (requiresCertificate && certificate === null) {
        this.#log.failed(socket.authorized ? 'CERT_REVOKED' : String(socket.authorizationError));
        refuseCertificate(socket, limits.lingerMs);
        return;
      }
      metrics.connected(service);
      if (!requiresCertificate) this.#moveToHolders(caller, certificate);
      const proved = (): void => {
        caller.isProved = true;
        caller.table.remove(caller.place);
      };
      caller.guest = accept({ socket, certificate, host: caller.host, proved });
    } catch (error) {
      log.error({ service, error }, 'connection could not be accepted');
      socket.destroy();
    }
  }

  /** Returns the client's certificate; null when it has none, or one that is not valid or was revoked. */
  #validCertificate(socket: TLSSocket): ClientCertificate | null {
    const { certificates, isRevoked } = this.#options;
    const shown = certificateOf(socket);
    const certificate = shown === null ? null : certificates.read(shown);
    return certificate === null || isRevoked(certificate.serial) ? null : certificate;
  }

  /** Counts a connection by the user of its certificate, which strangers cannot have, instead of by its host. */
  #moveToHolders(caller: Caller, certificate: ClientCertificate | null): void {
    if (certificate?.names == null) return;
    const place: Unproven = { host: certificate.names.user, displace: caller.displace };
    if (!this.#holders.add(place)) return;
    caller.table.remove(caller.place);
    caller.place = place;
    caller.table = this.#holders;
  }
}
