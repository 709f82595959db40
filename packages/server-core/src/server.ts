/** Starting a chat server from its parts, and stopping it. */
import { randomBytes as systemRandomBytes } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { certificateFingerprint, type PermanentRevocationReason } from '@chat/mini-ca';
import type { UserName } from '@chat/protocol';
import { importPlainPrivateKey, importVerifier } from '@chat/signatures';
import { KeyRequests } from './domain/key-requests.ts';
import { Prekeys } from './domain/prekeys.ts';
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
import { Rates } from './throttle/rates.ts';
import { Credentials } from './tls/credentials.ts';
import { type Address, Listener } from './tls/listener.ts';
import { addressOf, certificateOf, channelOf, mutual } from './tls/options.ts';
import { remoteHost } from './tls/remote-host.ts';
import type { FrameTap } from './wire/frame-socket.ts';

export interface ServerOptions {
  /** The CA that issues all certificates, the server's own among them. */
  readonly ca: Authority;
  /** From here on the server's: it closes the store when it stops, and when it cannot start. */
  readonly store: Store;
  /** Where newcomers are taken in, and who. */
  readonly enrolment: Address & { readonly policy: EnrolmentPolicy };
  readonly chat: Address;
  /** Host names and addresses for the server's certificate, besides localhost and the name that all servers have. */
  readonly names?: readonly string[];
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly randomBytes?: (count: number) => Uint8Array;
  readonly log: Log;
  /** Bounds other than `defaultLimits`. */
  readonly limits?: Partial<ServerLimits>;
  /** Gets the list of revoked certificates in PEM, at the start and whenever there is another: for whoever else wants it. */
  readonly publishRevocations?: (list: string) => Promise<void>;
  /** Sees every frame's bytes on the inner side of TLS. */
  readonly tap?: FrameTap;
}

export interface ChatServer extends AsyncDisposable {
  /** SHA-256 of the CA's certificate in hex: what clients pin. */
  readonly caFingerprint: string;
  readonly enrolmentAddress: Address;
  readonly chatAddress: Address;
  /**
   * Takes somebody's access away for good: ends their sessions, takes them out of their rooms, revokes their
   * certificates. Once the first step is durable nobody of their key gets in, and what else is cut off is finished at the
   * next start. May be called again. Throws `ProtocolError` `unknown-user`, and the store's errors.
   */
  revoke(user: UserName, reason: PermanentRevocationReason): Promise<RevocationResult>;
  /** How many connections this user has now. */
  connectionsOf(user: UserName): number;
  /** Takes no more connections, answers what was asked, says `bye` to all, and closes the store. It does so by itself when the store fails. */
  close(): Promise<void>;
}

/**
 * Starts a server; resolves when both ports listen. Rejects with the system's error when one cannot (`EADDRINUSE`,
 * `EACCES`, ...), with a `CaError` or `SignatureError` when the CA is of no use (its key must be P-384), or with the
 * store's error; nothing is left open then.
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
      authority: importVerifier(authority.publicKey),
      clock,
      log,
      limits,
      invited: (user, notice) => sessions.tell(user, { push: 'invited', ...notice }),
    });
    const feeds = new Feeds(rooms);
    const caFingerprint = certificateFingerprint(ca.certificate);
    const prekeys = new Prekeys({ store, ca: caFingerprint, clock, limits });
    const keyRequests = new KeyRequests({ clock, limits });
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
      revokeSessions: (user) => sessions.revoke(user),
      publishRevocationList: () => this.#credentials.renewRevocations(),
    });
    const { policy } = options.enrolment;
    this.#options = options;
    this.#context = {
      ca: caFingerprint,
      directory: store,
      services: { rooms, store, prekeys, keyRequests, followers: feeds },
      feeds,
      enrolment: new Enrolment(store, certificates, policy, clock),
      policy,
      revocation,
      sessions,
      rates: new Rates(limits, clock),
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
    // Whoever started the server says so to people.
    log.debug({ ...this.#addresses, ca: this.#context.ca }, 'listening');
    store.failed
      .then((error) => this.#storeFailed(error))
      .catch((error: unknown) => log.error({ error }, 'the server could not stop in good order'));
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
    const { limits, sessions, log } = this.#context;
    return this.#listener({
      service: 'chat',
      tls: { ...this.#tls, ...mutual, handshakeTimeout: limits.handshakeTime },
      connections: limits.connections,
      admits: ({ total, host, fromHost }) =>
        total - sessions.loggedIn <= limits.waitingConnections &&
        fromHost - sessions.loggedInFrom(host) <= limits.waitingPerHost,
      accept: (socket) => {
        const from = { address: addressOf(socket), host: remoteHost(socket.remoteAddress ?? 'unknown') };
        const shown = { channel: channelOf(socket), certificate: certificateOf(socket) };
        void new ChatSession({ socket, ...from, ...shown }, this.#context);
      },
      log,
    });
  }

  #enrolmentListener(chatPort: number): Listener {
    const { limits, log } = this.#context;
    return this.#listener({
      service: 'enrolment',
      tls: { ...this.#tls, handshakeTimeout: limits.handshakeTime },
      connections: limits.enrolmentConnections,
      admits: ({ fromHost }) => fromHost <= limits.enrolmentPerHost,
      accept: (socket) =>
        void new EnrolmentSession(
          { socket, channel: channelOf(socket), address: addressOf(socket), chatPort },
          this.#context,
        ),
      log,
    });
  }

  #listener(options: ConstructorParameters<typeof Listener>[0]): Listener {
    const listener = new Listener(options);
    this.#listeners.push(listener);
    return listener;
  }

  #listening(): { readonly chat: Address; readonly enrolment: Address } {
    if (this.#addresses === undefined) throw new Error('The server does not listen.');
    return this.#addresses;
  }

  /** Without its store it could only refuse everything, for ever: better an end that its operator sees. */
  async #storeFailed(error: Error): Promise<void> {
    if (this.#closing !== undefined) return;
    this.#options.log.error({ error }, 'the store has failed; the server stops');
    await this.close();
  }

  async #close(): Promise<void> {
    const { sessions, feeds, limits, log } = this.#context;
    this.#credentials.stop();
    for (const listener of this.#listeners) listener.refuse();

    // A store that never answers must not keep the server from stopping.
    await within(limits.lingerTime, sessions.drain());
    feeds.flush();
    await sessions.stop();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await this.#options.store.close();
    if (this.#addresses !== undefined) log.info({}, 'stopped');
  }
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
