/** One connection at the server, in memory: login, then requests, like `ChatSession` without TLS and timers. */
import {
  type ErrorCode,
  type Fingerprint,
  ProtocolError,
  type Push,
  protocolVersion,
  type UserName,
} from '@chat/protocol';
import type { Log, ServerLimits } from '@chat/server-core';
import { StagedWraps } from '../../../packages/server-core/src/domain/keys/staged-wraps.ts';
import type { UserRevocation } from '../../../packages/server-core/src/domain/user-revocation.ts';
import type { ChatCall, ChatServices } from '../../../packages/server-core/src/handlers/chat-call.ts';
import { chatTable } from '../../../packages/server-core/src/handlers/chat-table.ts';
import type { Challenge, Enrolment } from '../../../packages/server-core/src/identity/enrolment.ts';
import type { Peer } from '../../../packages/server-core/src/identity/identify-peer.ts';
import { keyRenewedError } from '../../../packages/server-core/src/identity/key-chain.ts';
import {
  accessRevokedError,
  type RegisteredUser,
  usedElsewhereError,
} from '../../../packages/server-core/src/identity/registered-user.ts';
import type { Feeds } from '../../../packages/server-core/src/session/feeds.ts';
import { RequestLoop } from '../../../packages/server-core/src/session/request-loop.ts';
import type { Sessions, UserSession } from '../../../packages/server-core/src/session/sessions.ts';
import { SubscriptionSet } from '../../../packages/server-core/src/session/subscription-set.ts';
import type { RequestRate, RequestRates } from '../../../packages/server-core/src/throttle/request-rate.ts';
import { type FrameListener, FrameSocket } from '../../../packages/server-core/src/wire/frame-socket.ts';
import type { SimulatedSocket } from './simulated-socket.ts';

/** The parts of a server that a restart loses. */
export interface Memory {
  readonly enrolment: Enrolment;
  readonly services: ChatServices;
  readonly feeds: Feeds;
  readonly sessions: Sessions;
  readonly revocation: UserRevocation;
  readonly rates: RequestRates;
  readonly limits: ServerLimits;
  readonly clock: () => number;
  readonly log: Log;
}

export class SimulatedSession implements FrameListener, UserSession {
  readonly #memory: Memory;
  readonly #user: UserName;
  readonly #socket: FrameSocket;
  readonly #subscriptions: SubscriptionSet;
  readonly #loop: RequestLoop<ChatCall>;
  readonly #rate: RequestRate;
  readonly lastFrameAt: number;
  /** All clients have the same address. */
  readonly host = 'somewhere';
  #caller: RegisteredUser | null = null;
  #runId: string | null = null;

  constructor(duplex: SimulatedSocket, user: UserName, peer: Promise<Peer>, challenge: Challenge, memory: Memory) {
    const { limits, log, clock } = memory;
    this.#memory = memory;
    this.#user = user;
    this.lastFrameAt = clock();
    this.#socket = new FrameSocket(duplex, { limits }, this);
    this.#rate = memory.rates.start();
    this.#subscriptions = new SubscriptionSet(memory, this.#socket);
    this.#loop = new RequestLoop<ChatCall>({
      socket: this.#socket,
      table: chatTable,
      call: this.#call(peer, challenge),
      rate: this.#rate,
      limits,
      log,
      logFields: () => ({ user }),
    });
    const { nonce } = challenge;
    this.#socket.send({ push: 'hello', version: protocolVersion, service: 'chat', nonce, time: clock() });
    peer.catch((error: unknown) => (error instanceof ProtocolError ? this.#bye(error) : this.failed(error)));
  }

  get queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  get runId(): string | null {
    return this.#runId;
  }

  get fingerprint(): Fingerprint | null {
    return this.#caller?.fingerprint ?? null;
  }

  received(bytes: number): void {
    this.#rate.received(bytes);
  }

  frame(frame: Record<string, unknown>): void {
    this.#loop.push(frame);
  }

  failed(error: unknown): void {
    this.#memory.log.error({ user: this.#user, error }, 'frame could not be taken');
  }

  leaving(): void {
    this.#loop.stop();
    this.#subscriptions.stopAll();
  }

  closed(): void {
    this.leaving();
    if (this.#caller !== null) this.#memory.sessions.leave(this, this.#user);
  }

  drain(): Promise<void> {
    return this.#loop.drain();
  }

  send(push: Push): void {
    this.#socket.send(push);
  }

  stop(): void {
    this.#socket.bye('stopping', 'The server stops.');
  }

  limitsChanged(): void {}

  endAsExcess(): void {
    this.#socket.bye('limit-reached', 'There are too many connections of this user.');
  }

  endAsReplaced(): void {
    this.#bye(usedElsewhereError(this.#memory.clock()));
  }

  endAsRevoked(): void {
    this.#bye(accessRevokedError(this.#user));
  }

  endAsRenewed(): void {
    this.#bye(keyRenewedError(this.#user));
  }

  #bye({ code, message }: ProtocolError): void {
    this.#socket.bye(code as ErrorCode, message);
  }

  #call(peer: Promise<Peer>, challenge: Challenge): ChatCall {
    const caller = () => this.#caller;
    return {
      services: this.#memory.services,
      host: this.host,
      challenge,
      peer,
      get caller() {
        return caller();
      },
      wraps: new StagedWraps(),
      subscriptions: this.#subscriptions,
      admit: (admitted, runId) => this.#admit(admitted, runId),
    };
  }

  #admit(peer: Peer, runId: string | null): void {
    const { revocation, services, sessions, limits, rates } = this.#memory;
    if (!this.#socket.open) throw new ProtocolError('not-now', 'The connection is closing.');
    if (revocation.hasRevoked(peer.fingerprint)) throw accessRevokedError(peer.user);
    if (services.keyRenewals.hasRenewed(peer.fingerprint)) throw keyRenewedError(peer.user);
    this.#runId = runId;
    sessions.enter(this, peer.user, limits.connectionsPerUser);
    rates.assign(this.#rate, peer.user);
    this.#socket.acceptLongFrames();
    this.#caller = peer;
  }
}
