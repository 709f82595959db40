/** One connection to the chat port: challenge, login, then requests until either side ends it. */
import type { Duplex } from 'node:stream';
import {
  type ErrorCode,
  type Fingerprint,
  ProtocolError,
  type Push,
  protocolVersion,
  toBase64url,
} from '@chat/protocol';
import { StagedWraps } from '../domain/keys/staged-wraps.ts';
import type { ChatCall } from '../handlers/chat-call.ts';
import { chatTable } from '../handlers/chat-table.ts';
import { authorityField } from '../identity/authority-history.ts';
import type { ClientCertificate } from '../identity/certificate-names.ts';
import { identifyPeer, type Peer } from '../identity/identify-peer.ts';
import { keyRenewedError } from '../identity/key-chain.ts';
import {
  accessRevokedError,
  type RegisteredUser,
  usedElsewhereError,
  withKeyOnDemand,
} from '../identity/registered-user.ts';
import { StoreDamage } from '../ports/damage.ts';
import type { RequestRate } from '../throttle/request-rate.ts';
import { type FrameListener, FrameSocket } from '../wire/frame-socket.ts';
import { damagedError, RequestLoop, tooMuchSent } from './request-loop.ts';
import type { SessionContext } from './session-context.ts';
import { serverFull, type UserSession } from './sessions.ts';
import { SubscriptionSet } from './subscription-set.ts';

/** A connection to the chat port after its TLS handshake. */
export interface ChatConnection {
  readonly socket: Duplex;
  /** The TLS exporter value in base64url. */
  readonly channel: string;
  /** The client's certificate, which is valid. */
  readonly certificate: ClientCertificate;
  /** The client's address and port, for the log. */
  readonly address: string;
  /** The client's host, by which some quotas count. */
  readonly host: string;
  /** Called after the login: the connection need not make room for others any more. */
  readonly proved: () => void;
}

/** The longest delay that a timer of Node takes. */
const maxTimerMs = 2 ** 31 - 1;

/** The session of one connection to the chat port. */
export class ChatSession implements UserSession, FrameListener {
  readonly #context: SessionContext;
  readonly #address: string;
  /** Its number in the log. */
  readonly #connection: number;
  readonly #host: string;
  readonly #proved: () => void;
  readonly #socket: FrameSocket;
  readonly #rate: RequestRate;
  readonly #subscriptions: SubscriptionSet;
  readonly #loop: RequestLoop<ChatCall>;
  /** The user of the certificate; null after the login, which alone needs it. */
  #peer: Promise<Peer> | null;
  #caller: RegisteredUser | null = null;
  #runId: string | null = null;
  /** Limits the time to the login, and afterwards the time between two frames. */
  #timer: NodeJS.Timeout;
  #expiryTimer: NodeJS.Timeout | undefined;
  #lastFrameAt: number;

  constructor(connection: ChatConnection, context: SessionContext) {
    const { limits, clock, log, directory } = context;
    this.#context = context;
    this.#address = connection.address;
    this.#host = connection.host;
    this.#proved = connection.proved;
    this.#lastFrameAt = clock();
    this.#socket = new FrameSocket(connection.socket, { limits, tap: context.tap }, this);
    this.#rate = context.rates.start();
    this.#subscriptions = new SubscriptionSet(context, this.#socket);
    this.#timer = setTimeout(() => this.#endWithoutLogin(), limits.loginTimeoutMs);
    this.#connection = context.sessions.add(this);

    const nonce = toBase64url(context.randomBytes(32));
    const peer = identifyPeer(directory, connection.certificate, clock());
    this.#peer = peer;
    this.#loop = new RequestLoop<ChatCall>({
      socket: this.#socket,
      table: chatTable,
      call: this.#call({ serverId: context.serverId, nonce, channel: connection.channel }),
      rate: this.#rate,
      limits,
      log,
      metrics: context.metrics,
      logFields: () => this.#logFields(),
    });
    const hello = { push: 'hello', version: protocolVersion, service: 'chat', nonce, time: clock() };
    this.#socket.send({ ...hello, ...authorityField(context.services.history) });
    peer.catch((error: unknown) => this.#refusePeer(error));
  }

  get lastFrameAt(): number {
    return this.#lastFrameAt;
  }

  get runId(): string | null {
    return this.#runId;
  }

  get fingerprint(): Fingerprint | null {
    return this.#caller?.fingerprint ?? null;
  }

  get queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  received(bytes: number): void {
    if (this.#rate.received(bytes) === 'disconnect') this.#socket.bye('rate-limited', tooMuchSent);
  }

  frame(frame: Record<string, unknown>): void {
    this.#lastFrameAt = this.#context.clock();
    if (this.#caller !== null) this.#timer.refresh();
    this.#loop.push(frame);
  }

  leaving(code: ErrorCode): void {
    this.#context.metrics.ended('chat', code);
    this.#context.log.info({ ...this.#logFields(), code }, 'chat connection ended by the server');
    this.#loop.stop();
    // Ends backfills too: the client reads no more.
    this.#subscriptions.stopAll();
  }

  failed(error: unknown): void {
    this.#context.log.error({ ...this.#logFields(), error }, 'frame could not be processed');
  }

  closed(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#expiryTimer);
    this.#loop.stop();
    this.#subscriptions.stopAll();
    if (this.#caller !== null) this.#context.sessions.leave(this, this.#caller.user);
    this.#context.sessions.delete(this);
    this.#context.log.info(this.#logFields(), 'chat connection closed');
  }

  drain(): Promise<void> {
    return this.#loop.drain();
  }

  stop(): void {
    this.#socket.bye('stopping', 'The server is stopping: connect again later.');
  }

  send(push: Push): void {
    this.#socket.send(push);
  }

  /** The time of silence begins anew, because a timer keeps the time with which it was made. */
  limitsChanged(): void {
    if (this.#caller === null) return;
    clearTimeout(this.#timer);
    this.#timer = this.#idleTimer();
  }

  endAsExcess(): void {
    const { connectionsPerUser } = this.#context.limits;
    this.#socket.bye(
      'connection-replaced',
      `You have more than ${connectionsPerUser} connections, and this one was idle for the longest time: close some.`,
    );
  }

  endAsReplaced(): void {
    const { code, message } = usedElsewhereError(this.#context.clock());
    this.#socket.bye(code as ErrorCode, message);
  }

  endAsFull(): void {
    this.#socket.bye('server-full', serverFull);
  }

  endAsRevoked(): void {
    if (this.#caller === null) return;
    const { code, message } = accessRevokedError(this.#caller.user);
    this.#socket.bye(code as ErrorCode, message);
  }

  endAsRenewed(): void {
    if (this.#caller === null) return;
    const { code, message } = keyRenewedError(this.#caller.user);
    this.#socket.bye(code as ErrorCode, message);
  }

  #call(challenge: ChatCall['challenge']): ChatCall {
    const caller = () => this.#caller;
    const peer = () => this.#peer;
    return {
      services: this.#context.services,
      host: this.#host,
      challenge,
      get peer() {
        return peer();
      },
      get caller() {
        return caller();
      },
      wraps: new StagedWraps(),
      subscriptions: this.#subscriptions,
      admit: (admitted, runId) => this.#admit(admitted, runId),
    };
  }

  #admit(peer: Peer, runId: string | null): void {
    const { sessions, services, revocation, rates, limits, log, clock } = this.#context;
    if (!this.#socket.open) throw new ProtocolError('not-now', 'The connection is closing.');
    // The user may have been revoked since the look-up in the directory, or the key renewed.
    if (revocation.hasRevoked(peer.fingerprint)) throw accessRevokedError(peer.user);
    if (services.keyRenewals.hasRenewed(peer.fingerprint)) throw keyRenewedError(peer.user);
    this.#runId = runId;
    if (sessions.loggedIn >= limits.connections) throw new ProtocolError('server-full', serverFull);
    // Of a user who connects again and again, each connection costs the work of a handshake.
    if (rates.isInDebt(peer.user)) {
      throw new ProtocolError(
        'rate-limited',
        'You have connected or sent too much: wait a minute, then connect again.',
      );
    }
    sessions.enter(this, peer.user, limits.connectionsPerUser);
    rates.assign(this.#rate, peer.user);
    this.#socket.acceptLongFrames();
    this.#caller = withKeyOnDemand(peer);
    this.#peer = null;
    this.#proved();
    clearTimeout(this.#timer);
    this.#timer = this.#idleTimer();
    const expiresInMs = Math.min(peer.certificateExpiresAt - clock(), maxTimerMs);
    this.#expiryTimer = setTimeout(() => this.#endAsExpired(), expiresInMs);
    log.info(this.#logFields(), 'logged in');
  }

  #idleTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#endAsIdle(), this.#context.limits.idleTimeoutMs);
  }

  #refusePeer(error: unknown): void {
    if (error instanceof ProtocolError) this.#socket.bye(error.code as ErrorCode, error.message);
    else if (error instanceof StoreDamage) this.#socket.bye(damagedError.code, damagedError.message);
    else {
      this.#context.log.error({ ...this.#logFields(), error }, 'the user could not be looked up in the directory');
      this.#socket.bye('internal', 'The server could not look you up and has logged the reason: connect again later.');
    }
  }

  #endWithoutLogin(): void {
    const { loginTimeoutMs } = this.#context.limits;
    this.#socket.bye('limit-reached', `You did not log in within ${loginTimeoutMs} ms: connect again.`);
  }

  #endAsIdle(): void {
    const { idleTimeoutMs } = this.#context.limits;
    this.#socket.bye(
      'limit-reached',
      `You sent nothing for ${idleTimeoutMs} ms: connect again, and ping when there is nothing to send.`,
    );
  }

  #endAsExpired(): void {
    // Not `login-refused`, which is final for a client: it only has to connect with the certificate that it has renewed.
    this.#socket.bye('limit-reached', 'The certificate of this connection has expired: connect with a renewed one.');
  }

  #logFields(): object {
    const place = { service: 'chat', connection: this.#connection, address: this.#address };
    return { ...place, ...(this.#caller && { user: this.#caller.user }) };
  }
}
