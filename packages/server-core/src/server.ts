/** Starts a chat server from its parts, and stops it. */
import { randomBytes as systemRandomBytes } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { certificateFingerprint, type PermanentRevocationReason } from '@chat/mini-ca';
import type { UserName } from '@chat/protocol';
import { importPlainPrivateKey, importVerifier } from '@chat/signatures';
import { Heartbeats } from './domain/heartbeats.ts';
import { KeyRequests } from './domain/key-requests.ts';
import { Prekeys } from './domain/prekeys.ts';
import { ProfileRuns } from './domain/profile-runs.ts';
import { Rooms } from './domain/rooms.ts';
import { type RevocationResult, UserRevocation } from './domain/user-revocation.ts';
import { type Authority, Certificates } from './identity/certificates.ts';
import { Enrolment, type EnrolmentPolicy } from './identity/enrolment.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import type { Log } from './ports/log.ts';
import type { Store } from './ports/store.ts';
import { ChatSession } from './session/chat-session.ts';
import { EnrolmentSession } from './session/enrolment-session.ts';
import { Feeds } from './session/feeds.ts';
import type { SessionContext } from './session/session-context.ts';
import { Sessions } from './session/sessions.ts';
import { HostQuotas } from './throttle/host-quotas.ts';
import { RequestRates } from './throttle/request-rate.ts';
import { Credentials } from './tls/credentials.ts';
import { HandshakeTurns } from './tls/handshake-turns.ts';
import { type Address, Listener, type ListenerOptions } from './tls/listener.ts';
import { addressOf, certificateOf, channelOf } from './tls/options.ts';
import type { FrameTap } from './wire/frame-socket.ts';

/** Options of `startServer`. */
export interface ServerOptions {
  /** The CA that issues all certificates, including the server's own. */
  readonly ca: Authority;
  /** The server owns it from now on: it closes the store when it stops, and when it cannot start. */
  readonly store: Store;
  /** Address of the enrolment port, and who may enrol. */
  readonly enrolment: Address & { readonly policy: EnrolmentPolicy };
  /** Address of the chat port. */
  readonly chat: Address;
  /** Host names and addresses for the server's certificate, besides localhost and the name that all servers have. */
  readonly names?: readonly string[];
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
  /** Default: the system's generator. */
  readonly randomBytes?: (count: number) => Uint8Array;
  readonly log: Log;
  /** Bounds that replace those of `defaultLimits`. */
  readonly limits?: Partial<ServerLimits>;
  /** Returns the free bytes of the disk that holds the store. Default: the disk is not watched. */
  readonly freeBytes?: () => Promise<number>;
  /** Gets every revocation list, PEM, from the start on, for programs besides this server. */
  readonly publishRevocations?: (list: string) => Promise<void>;
  /** Observes the bytes of every frame inside TLS. */
  readonly tap?: FrameTap;
}

/** A running server. Disposing of it stops it. */
export interface ChatServer extends AsyncDisposable {
  /** SHA-256 of the CA's certificate in hexadecimal: clients pin it. */
  readonly caFingerprint: string;
  readonly enrolmentAddress: Address;
  readonly chatAddress: Address;
  /**
   * Revokes a user permanently: ends the user's sessions, takes the user out of all rooms, revokes the certificates. Once the
   * first step is durable the server refuses the name and the key; the next start finishes what a crash cuts off. May be
   * called again. Rejects with the store's errors too.
   *
   * @throws ProtocolError `unknown-user`
   */
  revoke(user: UserName, reason: PermanentRevocationReason): Promise<RevocationResult>;
  /** Returns the number of the user's connections. */
  connectionsOf(user: UserName): number;
  /**
   * Accepts no more connections, answers pending requests, sends `bye` to all clients, and closes the store. The server also
   * closes when the store fails.
   */
  close(): Promise<void>;
}

/**
 * Starts a server. Resolves when both ports listen. Rejects with the system's error when one cannot listen (`EADDRINUSE`,
 * `EACCES`, ...), with a `CaError` or `SignatureError` when the CA cannot sign (its key must be P-384), or with the store's
 * error. Nothing stays open then.
 */
export async function startServer(options: ServerOptions): Promise<ChatServer> {
  let server: Server | undefined;
  try {
    server = new Server(options);
    await server.listen();
    return server;
  } catch (error) {
    await (server ?? options.store).close();
    throw error;
  }
}

class Server implements ChatServer {
  readonly #options: ServerOptions;
  readonly #context: SessionContext;
  readonly #credentials: Credentials;
  #tls: SecureContextOptions = {};
  readonly #listeners: Listener[] = [];
  readonly #turns = new HandshakeTurns();
  #addresses: { readonly chat: Address; readonly enrolment: Address } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    const { ca, store, log, tap, clock = Date.now, randomBytes = systemRandomBytes } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const authority = importPlainPrivateKey(ca.privateKey.export({ type: 'pkcs8', format: 'der' }));
    const certificates = new Certificates({ authority: ca, ledger: store.ledger, directory: store, clock });
    const sessions = new Sessions();
    const rooms = new Rooms({
      store,
      directory: store,
      authority: importVerifier(authority.publicKey, { lowS: true }),
      clock,
      log,
      limits,
      freeBytes: options.freeBytes,
      invited: (user, notice) => sessions.sendTo(user, { push: 'invited', ...notice }),
    });
    const feeds = new Feeds(rooms);
    const caFingerprint = certificateFingerprint(ca.certificate);
    const prekeys = new Prekeys({ store, ca: caFingerprint, clock, limits });
    const keyRequests = new KeyRequests({ clock, limits });
    const heartbeats = new Heartbeats({ clock, limits });
    this.#credentials = new Credentials({
      authority: ca,
      certificates,
      hosts: options.names ?? [],
      clock,
      random: () => Buffer.from(randomBytes(4)).readUInt32BE() / 2 ** 32,
      log,
      publish: options.publishRevocations ?? (async () => {}),
      changed: (context) => this.#renew(context),
    });
    const revocation = new UserRevocation({
      store,
      rooms,
      certificates,
      authority,
      clock,
      endSessions: (user) => sessions.endRevoked(user),
      publishRevocationList: () => this.#credentials.renewRevocationList(),
    });
    const { policy } = options.enrolment;
    this.#options = options;
    this.#context = {
      ca: caFingerprint,
      directory: store,
      services: {
        rooms,
        prekeys,
        keyRequests,
        heartbeats,
        followers: feeds,
        runs: new ProfileRuns(store, clock),
        hosts: new HostQuotas(limits, clock),
      },
      feeds,
      enrolment: new Enrolment({ directory: store, certificates, policy, clock, limits }),
      revocation,
      sessions,
      rates: new RequestRates(limits, clock),
      limits,
      clock,
      randomBytes,
      log,
      tap,
    };
  }

  get caFingerprint(): string {
    return this.#context.ca;
  }

  get chatAddress(): Address {
    return this.#listening().chat;
  }

  get enrolmentAddress(): Address {
    return this.#listening().enrolment;
  }

  async listen(): Promise<void> {
    const { store, chat, enrolment, log } = this.#options;
    await this.#credentials.start();
    await this.#context.revocation.resume();

    const chatListener = this.#chatListener();
    const chatAddress = await chatListener.listen(chat);
    const enrolmentListener = this.#enrolmentListener(chatAddress.port);
    this.#addresses = { chat: chatAddress, enrolment: await enrolmentListener.listen(enrolment) };
    // The application that started the server tells the operator.
    log.debug({ ...this.#addresses, ca: this.#context.ca }, 'listening');
    store.failed
      .then((error) => this.#storeFailed(error))
      .catch((error: unknown) => log.error({ error }, 'the server could not stop cleanly'));
  }

  async revoke(user: UserName, reason: PermanentRevocationReason): Promise<RevocationResult> {
    const result = await this.#context.revocation.revoke(user, reason);
    this.#context.log.info({ ...result, reason }, 'access revoked');
    return result;
  }

  connectionsOf(user: UserName): number {
    return this.#context.sessions.count(user);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #renew(context: SecureContextOptions): void {
    this.#tls = context;
    for (const listener of this.#listeners) listener.renew(context);
  }

  #chatListener(): Listener {
    const { limits } = this.#context;
    return this.#listener({
      service: 'chat',
      requiresCertificate: true,
      maxUnproven: limits.waitingConnections,
      maxUnprovenPerHost: limits.waitingPerHost,
      maxSockets: limits.connections + 2 * limits.waitingConnections,
      accept: ({ socket, host, proved }) => {
        const shown = { channel: channelOf(socket), certificate: certificateOf(socket) };
        return new ChatSession({ socket, ...shown, address: addressOf(socket), host, proved }, this.#context);
      },
    });
  }

  #enrolmentListener(chatPort: number): Listener {
    const { limits } = this.#context;
    return this.#listener({
      service: 'enrolment',
      requiresCertificate: false,
      maxUnproven: limits.enrolmentConnections,
      maxUnprovenPerHost: limits.enrolmentPerHost,
      maxSockets: 4 * limits.enrolmentConnections,
      accept: (arrival) => {
        const place = { channel: channelOf(arrival.socket), address: addressOf(arrival.socket), chatPort };
        return new EnrolmentSession({ ...arrival, ...place }, this.#context);
      },
    });
  }

  #listener(options: Omit<ListenerOptions, 'tls' | 'turns' | 'limits' | 'clock' | 'log'>): Listener {
    const { limits, clock, log } = this.#context;
    const listener = new Listener({ ...options, tls: this.#tls, turns: this.#turns, limits, clock, log });
    this.#listeners.push(listener);
    return listener;
  }

  #listening(): { readonly chat: Address; readonly enrolment: Address } {
    if (this.#addresses === undefined) throw new Error('The server does not listen yet.');
    return this.#addresses;
  }

  /** Stops the server: without its store it could only refuse requests, and the operator would not notice. */
  async #storeFailed(error: Error): Promise<void> {
    if (this.#closing !== undefined) return;
    this.#options.log.error({ error }, 'the store has failed; stopping the server');
    await this.close();
  }

  async #close(): Promise<void> {
    const { sessions, feeds, limits, log } = this.#context;
    this.#credentials.stop();
    for (const listener of this.#listeners) listener.refuse();

    // A store that never answers must not keep the server from stopping.
    await within(limits.lingerMs, sessions.drain());
    feeds.flush();
    await sessions.stop();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await this.#options.store.close();
    if (this.#addresses !== undefined) log.info({}, 'stopped');
  }
}

/** Resolves when the work is done, or after this time. */
async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
