/** One connection at the server in memory: login, then requests, as `ChatSession` has it, without TLS and its timers. */
import { type ErrorCode, ProtocolError, type Push, protocolVersion, type UserName } from '@chat/protocol';
import type { Log, ServerLimits } from '@chat/server-core';
import { StagedWraps } from '../../packages/server-core/src/domain/staged-wraps.ts';
import type { UserRevocation } from '../../packages/server-core/src/domain/user-revocation.ts';
import type { ChatCall, ChatServices } from '../../packages/server-core/src/handlers/chat-call.ts';
import { chatTable } from '../../packages/server-core/src/handlers/chat-table.ts';
import type { Challenge } from '../../packages/server-core/src/identity/enrolment.ts';
import type { Peer } from '../../packages/server-core/src/identity/identify-peer.ts';
import { accessRevokedError, type RegisteredUser } from '../../packages/server-core/src/identity/registered-user.ts';
import type { Feeds } from '../../packages/server-core/src/session/feeds.ts';
import { RequestLoop } from '../../packages/server-core/src/session/request-loop.ts';
import type { Sessions, UserSession } from '../../packages/server-core/src/session/sessions.ts';
import { SubscriptionSet } from '../../packages/server-core/src/session/subscription-set.ts';
import type { Rate } from '../../packages/server-core/src/throttle/rate.ts';
import type { Rates } from '../../packages/server-core/src/throttle/rates.ts';
import { type FrameListener, FrameSocket } from '../../packages/server-core/src/wire/frame-socket.ts';
import type { SimulatedSocket } from './simulated-socket.ts';

/** What a restart takes with it. */
export interface Memory {
  readonly services: ChatServices;
  readonly feeds: Feeds;
  readonly sessions: Sessions;
  readonly revocation: UserRevocation;
  readonly rates: Rates;
  readonly limits: ServerLimits;
  readonly clock: () => number;
  readonly log: Log;
}

/** All people come from one place. */
const host = 'somewhere';

export class SimulatedSession implements FrameListener, UserSession {
  readonly #memory: Memory;
  readonly #user: UserName;
  readonly #socket: FrameSocket;
  readonly #subscriptions: SubscriptionSet;
  readonly #loop: RequestLoop<ChatCall>;
  readonly #rate: Rate;
  readonly heardAt: number;
  #person: RegisteredUser | null = null;

  constructor(duplex: SimulatedSocket, user: UserName, peer: Promise<Peer>, challenge: Challenge, memory: Memory) {
    const { limits, log, clock } = memory;
    this.#memory = memory;
    this.#user = user;
    this.heardAt = clock();
    this.#socket = new FrameSocket(duplex, limits, this);
    this.#rate = memory.rates.start();
    this.#subscriptions = new SubscriptionSet(memory, this.#socket);
    this.#loop = new RequestLoop<ChatCall>({
      socket: this.#socket,
      table: chatTable,
      call: this.#call(peer, challenge),
      rate: this.#rate,
      inFlight: limits.requestsInFlight,
      log,
      about: () => ({ user }),
    });
    const { nonce } = challenge;
    this.#socket.send({ push: 'hello', version: protocolVersion, service: 'chat', nonce, time: clock() });
    peer.catch((error: unknown) => (error instanceof ProtocolError ? this.#bye(error) : this.failed(error)));
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
    if (this.#person !== null) this.#memory.sessions.leave(this, this.#user, host);
  }

  drain(): Promise<void> {
    return this.#loop.drain();
  }

  tell(push: Push): void {
    this.#socket.send(push);
  }

  stop(): void {
    this.#socket.bye('stopping', 'The server stops.');
  }

  giveWay(): void {
    this.#socket.bye('limit-reached', 'There are too many connections of this user.');
  }

  revoke(): void {
    this.#bye(accessRevokedError(this.#user));
  }

  #bye({ code, message }: ProtocolError): void {
    this.#socket.bye(code as ErrorCode, message);
  }

  #call(peer: Promise<Peer>, challenge: Challenge): ChatCall {
    const person = () => this.#person;
    return {
      services: this.#memory.services,
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

  #admit({ person }: Peer): void {
    const { revocation, sessions, limits, rates } = this.#memory;
    if (!this.#socket.open) throw new ProtocolError('not-now', 'The connection is closing.');
    if (revocation.hasRevoked(person.fingerprint)) throw accessRevokedError(person.user);
    sessions.enter(this, person.user, host, limits.connectionsPerUser);
    rates.assign(this.#rate, person.user);
    this.#person = person;
  }
}
