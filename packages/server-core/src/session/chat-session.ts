/** One connection to the chat port: challenge, login, then requests until either side ends it. */
import type { Duplex } from 'node:stream';
import { type ErrorCode, ProtocolError, type Push, protocolVersion, toBase64url } from '@chat/protocol';
import { StagedWraps } from '../domain/staged-wraps.ts';
import type { ChatCall } from '../handlers/chat-call.ts';
import { chatTable } from '../handlers/chat-table.ts';
import { identifyPeer, type Peer } from '../identity/identify-peer.ts';
import { accessRevokedError, type RegisteredUser } from '../identity/registered-user.ts';
import type { Rate } from '../throttle/rate.ts';
import { type FrameListener, FrameSocket } from '../wire/frame-socket.ts';
import { RequestLoop } from './request-loop.ts';
import type { SessionContext } from './session-context.ts';
import type { Session } from './sessions.ts';
import { SubscriptionSet } from './subscription-set.ts';

export interface ChatConnection {
  readonly socket: Duplex;
  /** The TLS exporter value in base64url. */
  readonly channel: string;
  /** The client's certificate, verified by TLS: DER. */
  readonly certificate: Uint8Array;
  /** Where it comes from, for the log. */
  readonly address: string;
  /** The same as it is counted. */
  readonly host: string;
}

/** The longest that a timer can wait. */
const longest = 2 ** 31 - 1;

export class ChatSession implements Session, FrameListener {
  readonly #context: SessionContext;
  readonly #address: string;
  readonly #host: string;
  readonly #socket: FrameSocket;
  readonly #rate: Rate;
  readonly #subscriptions: SubscriptionSet;
  readonly #loop: RequestLoop<ChatCall>;
  #person: RegisteredUser | null = null;
  /** Before the login it bounds that, afterwards the silence between frames. */
  #timer: NodeJS.Timeout;
  #expiry: NodeJS.Timeout | undefined;
  #heardAt: number;

  constructor(connection: ChatConnection, context: SessionContext) {
    const { limits, clock, log, directory } = context;
    this.#context = context;
    this.#address = connection.address;
    this.#host = connection.host;
    this.#heardAt = clock();
    this.#socket = new FrameSocket(connection.socket, { ...limits, tap: context.tap }, this);
    this.#rate = context.rates.start();
    this.#subscriptions = new SubscriptionSet(context, this.#socket);
    this.#timer = setTimeout(() => this.#late(), limits.loginTime);
    context.sessions.add(this);

    const nonce = toBase64url(context.randomBytes(32));
    const peer = identifyPeer(directory, connection.certificate, clock());
    this.#loop = new RequestLoop<ChatCall>({
      socket: this.#socket,
      table: chatTable,
      call: this.#call(peer, { ca: context.ca, nonce, channel: connection.channel }),
      rate: this.#rate,
      inFlight: limits.requestsInFlight,
      log,
      about: () => this.#about(),
    });
    this.#socket.send({ push: 'hello', version: protocolVersion, service: 'chat', nonce, time: clock() });
    peer.catch((error: unknown) => this.#turnAway(error));
  }

  /** When the latest frame came. */
  get heardAt(): number {
    return this.#heardAt;
  }

  received(bytes: number): void {
    this.#rate.received(bytes);
  }

  frame(frame: Record<string, unknown>): void {
    this.#heardAt = this.#context.clock();
    if (this.#person !== null) this.#timer.refresh();
    this.#loop.push(frame);
  }

  leaving(code: ErrorCode): void {
    this.#context.log.info({ ...this.#about(), code }, 'chat connection ended by the server');
    this.#loop.stop();
    // Nobody reads on: what is left of their backlogs stays where it is.
    this.#subscriptions.stopAll();
  }

  failed(error: unknown): void {
    this.#context.log.error({ ...this.#about(), error }, 'frame could not be taken');
  }

  closed(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#expiry);
    this.#loop.stop();
    this.#subscriptions.stopAll();
    if (this.#person !== null) this.#context.sessions.leave(this, this.#person.user, this.#host);
    this.#context.sessions.delete(this);
    this.#context.log.info(this.#about(), 'chat connection closed');
  }

  drain(): Promise<void> {
    return this.#loop.drain();
  }

  stop(): void {
    this.#socket.bye('stopping', 'The server stops: connect again in a while.');
  }

  tell(push: Push): void {
    this.#socket.send(push);
  }

  giveWay(): void {
    const { connectionsPerUser } = this.#context.limits;
    this.#socket.bye(
      'limit-reached',
      `You have more than ${connectionsPerUser} connections, and this one was idle the longest: close some.`,
    );
  }

  revoke(): void {
    if (this.#person === null) return;
    const { code, message } = accessRevokedError(this.#person.user);
    this.#socket.bye(code as ErrorCode, message);
  }

  #call(peer: Promise<Peer>, challenge: ChatCall['challenge']): ChatCall {
    const person = () => this.#person;
    return {
      services: this.#context.services,
      challenge,
      peer,
      get person() {
        return person();
      },
      wraps: new StagedWraps(),
      subscriptions: this.#subscriptions,
      admit: (admitted) => this.#admit(admitted),
    };
  }

  #admit({ person, certified }: Peer): void {
    const { sessions, revocation, rates, limits, log, clock } = this.#context;
    if (!this.#socket.open) throw new ProtocolError('not-now', 'The connection is closing.');
    // Since they were looked up in the directory.
    if (revocation.hasRevoked(person.fingerprint)) throw accessRevokedError(person.user);
    sessions.enter(this, person.user, this.#host, limits.connectionsPerUser);
    rates.assign(this.#rate, person.user);
    this.#person = person;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#idle(), limits.idleTime);
    this.#expiry = setTimeout(() => this.#expired(), Math.min(certified.expiresAt - clock(), longest));
    log.info(this.#about(), 'logged in');
  }

  #turnAway(error: unknown): void {
    if (error instanceof ProtocolError) this.#socket.bye(error.code as ErrorCode, error.message);
    else {
      this.#context.log.error({ ...this.#about(), error }, 'the directory could not be asked');
      this.#socket.bye('internal', 'The server could not look you up and has logged why: connect again later.');
    }
  }

  #late(): void {
    this.#socket.bye('limit-reached', `No login came within ${this.#context.limits.loginTime} ms: connect again.`);
  }

  #idle(): void {
    const { idleTime } = this.#context.limits;
    this.#socket.bye(
      'limit-reached',
      `Nothing came for ${idleTime} ms: connect again, and ping when there is nothing.`,
    );
  }

  #expired(): void {
    // Not `login-refused`, which a client takes as final: all that it needs is the certificate that it has renewed.
    this.#socket.bye('limit-reached', 'The certificate of this connection has expired: connect with a renewed one.');
  }

  #about(): object {
    return { service: 'chat', address: this.#address, ...(this.#person && { user: this.#person.user }) };
  }
}
