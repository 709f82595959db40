/** Starting a chat server from its parts, and stopping it. */
import { randomBytes as systemRandomBytes } from 'node:crypto';
import { certificateFingerprint } from '@chat/mini-ca';
import { type CertificateAuthority, Certificates } from './domain/certificates.ts';
import { Enrolment, type EnrolmentPolicy } from './domain/enrolment.ts';
import { Rooms } from './domain/rooms.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import { type Address, Listener } from './listener.ts';
import type { Log } from './ports/log.ts';
import type { Store } from './ports/store.ts';
import { remoteHost } from './remote-host.ts';
import { ServerCertificate } from './server-certificate.ts';
import { ChatSession } from './session/chat-session.ts';
import { EnrolmentSession } from './session/enrolment-session.ts';
import { Feeds } from './session/feeds.ts';
import { Rates } from './session/rates.ts';
import type { SessionContext } from './session/session-context.ts';
import { Sessions } from './session/sessions.ts';
import { addressOf, certificateOf, channelOf, mutual, secureContext } from './tls.ts';
import type { FrameTap } from './wire/frame-socket.ts';

export interface ServerOptions {
  /** The CA that issues all certificates, the server's own among them. */
  readonly ca: CertificateAuthority;
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
  /** Sees every frame's bytes on the inner side of TLS. */
  readonly tap?: FrameTap;
}

export interface ChatServer extends AsyncDisposable {
  /** SHA-256 of the CA's certificate in hex: what clients pin. */
  readonly caFingerprint: string;
  readonly enrolmentAddress: Address;
  readonly chatAddress: Address;
  /** Takes no more connections, answers what was asked, says `bye` to all, and closes the store. It does so by itself when the store fails. */
  close(): Promise<void>;
}

/**
 * Starts a server; resolves when both ports listen. Rejects with the system's error when one cannot (`EADDRINUSE`,
 * `EACCES`, ...), with a `CaError` when the CA is of no use, or with the store's error; nothing is left open then.
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
  readonly #certificate: ServerCertificate;
  readonly #listeners: Listener[] = [];
  #addresses: { readonly chat: Address; readonly enrolment: Address } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    const { ca, store, log, tap, clock = Date.now, randomBytes = systemRandomBytes } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const certificates = new Certificates(ca, store, clock);
    const rooms = new Rooms({ store, clock, log, limits });
    const { policy } = options.enrolment;
    this.#options = options;
    this.#context = {
      ca: certificateFingerprint(ca.certificate),
      directory: store,
      services: { rooms, store },
      feeds: new Feeds(rooms),
      enrolment: new Enrolment(store, certificates, policy, clock),
      policy,
      sessions: new Sessions(),
      rates: new Rates(limits, clock),
      limits,
      clock,
      randomBytes,
      log,
      tap,
    };
    const random = () => Buffer.from(randomBytes(4)).readUInt32BE() / 2 ** 32;
    this.#certificate = new ServerCertificate({ certificates, hosts: options.names ?? [], clock, random, log });
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
    const { ca, store, chat, enrolment, log } = this.#options;
    const identity = await this.#certificate.start((renewed) => {
      for (const listener of this.#listeners) listener.renew(secureContext(renewed, ca.certificate));
    });
    const context = {
      ...secureContext(identity, ca.certificate),
      handshakeTimeout: this.#context.limits.handshakeTime,
    };

    const chatListener = this.#chatListener(context);
    const chatAddress = await chatListener.listen(chat);
    const enrolmentListener = this.#enrolmentListener(context, chatAddress.port);
    this.#addresses = { chat: chatAddress, enrolment: await enrolmentListener.listen(enrolment) };
    // Whoever started the server says so to people.
    log.debug({ ...this.#addresses, ca: this.#context.ca }, 'listening');
    store.failed
      .then((error) => this.#storeFailed(error))
      .catch((error: unknown) => log.error({ error }, 'the server could not stop in good order'));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #chatListener(context: ReturnType<typeof secureContext>): Listener {
    const { limits, sessions, log } = this.#context;
    return this.#listener({
      service: 'chat',
      tls: { ...context, ...mutual },
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

  #enrolmentListener(context: ReturnType<typeof secureContext>, chatPort: number): Listener {
    const { limits, log } = this.#context;
    return this.#listener({
      service: 'enrolment',
      tls: context,
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
    this.#certificate.stop();
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
