/**
 * The honest server: the real domain, handlers and sessions' parts of `@chat/server-core`, without TLS. A connection's user
 * is given in place of a certificate; the login is signed and checked as always.
 */
import { ProtocolError, protocolVersion, toBase64url, type UserName } from '@chat/protocol';
import type { Signer } from '@chat/room';
import { defaultLimits, type Log, type ServerLimits } from '@chat/server-core';
import { createMemoryStore, MemoryDisk } from '@chat/server-core/contract';
import type { Person } from '../../packages/server-core/src/domain/accounts.ts';
import type { Peer } from '../../packages/server-core/src/domain/peer.ts';
import { Rooms } from '../../packages/server-core/src/domain/rooms.ts';
import { StagedWraps } from '../../packages/server-core/src/domain/staged-wraps.ts';
import type { ChatCall, ChatServices } from '../../packages/server-core/src/handlers/chat-call.ts';
import { chatTable } from '../../packages/server-core/src/handlers/chat-table.ts';
import { Feeds } from '../../packages/server-core/src/session/feeds.ts';
import { Rates } from '../../packages/server-core/src/session/rates.ts';
import { RequestLoop } from '../../packages/server-core/src/session/request-loop.ts';
import { SubscriptionSet } from '../../packages/server-core/src/session/subscription-set.ts';
import { type FrameListener, FrameSocket } from '../../packages/server-core/src/wire/frame-socket.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import type { SimulatedTime } from './simulated-time.ts';
import type { Suite } from './suite.ts';

export const authority = 'a'.repeat(64);
export const channel = toBase64url(new Uint8Array(32));

/** Quotas for people; here a schedule joins and leaves as it likes. */
const limits = { ...defaultLimits, joinBurst: 1_000_000, joinsPerHour: 1_000_000, roomsCreatedPerHour: 1_000_000 };

interface Memory {
  readonly services: ChatServices;
  readonly feeds: Feeds;
  readonly rates: Rates;
  readonly limits: ServerLimits;
  readonly log: Log;
}

export class SimulatedServer {
  readonly disk = new MemoryDisk();
  /** What the server had to report of itself: nothing, when all is well. */
  readonly troubles: unknown[] = [];
  readonly #time: SimulatedTime;
  readonly #random: SeededRandom;
  readonly #suite: Suite;
  readonly #people = new Map<UserName, Person>();
  readonly #sockets = new Set<SimulatedSocket>();
  readonly #log: Log;
  /** What a restart takes with it. */
  #memory: Memory | null = null;

  constructor(time: SimulatedTime, random: SeededRandom, suite: Suite) {
    this.#time = time;
    this.#random = random;
    this.#suite = suite;
    const report = (...what: unknown[]) => this.troubles.push(what);
    this.#log = { debug: () => {}, info: () => {}, warn: report, error: report };
  }

  enrol(user: UserName, { publicKey, fingerprint }: Signer): void {
    const verifier = this.#suite.verifier(publicKey);
    this.#people.set(user, { user, fingerprint, key: toBase64url(publicKey), verifier });
  }

  /** Everything that is not on the disk is gone; all connections break. */
  restart(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#memory = null;
  }

  /** A connection of this user: what it returns takes bytes from the client. */
  accept(user: UserName, deliver: (bytes: Uint8Array) => void, ended: () => void): SimulatedSocket {
    this.#memory ??= this.#start();
    const socket = new SimulatedSocket(deliver, ended);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      ended();
    });
    this.#serve(socket, user, this.#memory);
    return socket;
  }

  #start(): Memory {
    const store = createMemoryStore(this.disk);
    const clock = () => this.#time.now();
    const rooms = new Rooms({ store, clock, log: this.#log, limits });
    return {
      services: { rooms, store },
      feeds: new Feeds(rooms),
      rates: new Rates(limits, clock),
      limits,
      log: this.#log,
    };
  }

  #peer(user: UserName): Peer {
    const person = this.#people.get(user);
    if (person === undefined) throw new ProtocolError('login-refused', `${user} is not known here.`);
    const certified = { user, fingerprint: person.fingerprint, expiresAt: 8.64e15 };
    return { person, certified };
  }

  #serve(duplex: SimulatedSocket, user: UserName, memory: Memory): void {
    const nonce = toBase64url(this.#random.bytes(32));
    const peer = this.#peer(user);
    const rate = memory.rates.start();
    let person: Person | null = null;
    const end = () => {
      loop.stop();
      subscriptions.stopAll();
    };
    const listener: FrameListener = {
      received: (bytes) => rate.received(bytes),
      frame: (frame) => loop.push(frame),
      failed: (error) => this.troubles.push(error),
      leaving: end,
      closed: end,
    };
    const socket = new FrameSocket(duplex, limits, listener);
    const subscriptions = new SubscriptionSet(memory, socket);
    const call: ChatCall = {
      services: memory.services,
      challenge: { ca: authority, nonce, channel },
      peer: Promise.resolve(peer),
      get person() {
        return person;
      },
      wraps: new StagedWraps(),
      subscriptions,
      admit: (admitted) => {
        if (!socket.open) throw new ProtocolError('not-now', 'The connection is closing.');
        memory.rates.assign(rate, admitted.person.user);
        person = admitted.person;
      },
    };
    const loop = new RequestLoop<ChatCall>({
      socket,
      table: chatTable,
      call,
      rate,
      inFlight: limits.requestsInFlight,
      log: this.#log,
      about: () => ({ user }),
    });
    socket.send({ push: 'hello', version: protocolVersion, service: 'chat', nonce, time: this.#time.now() });
  }
}
