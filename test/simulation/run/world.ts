/** The state of one run: users, one server, one clock, one seed. */
import { createHash } from 'node:crypto';
import type { ClientEvent } from '@chat/client';
import type { Fingerprint, RoomId, UserName } from '@chat/protocol';
import { type HonestLog, readLog } from '../checks/honest-log.ts';
import { Derivations } from '../crypto/recording-crypto.ts';
import { realSuite, type Suite } from '../crypto/suite.ts';
import { unsafeSuite } from '../crypto/unsafe-suite.ts';
import { SeededRandom } from '../simulated/seeded-random.ts';
import { SimulatedServer } from '../simulated/simulated-server.ts';
import { SimulatedTime } from '../simulated/simulated-time.ts';
import { SimulatedUser } from '../simulated/simulated-user.ts';

/** One of this many seeds uses the real cryptography. */
const realCryptoEvery = 50;

/** Returns an event as text, without the parts that differ between runs because real signatures are random. */
function outline(event: ClientEvent): string {
  if (event.kind !== 'room') return event.kind;
  const { roomId: _, event: inner, ...rest } = event;
  return JSON.stringify({ ...rest, event: { ...inner, hash: null, fingerprint: null } });
}

/** An entry that a member has signed although the rules forbid it. */
export interface ForbiddenEntry {
  readonly by: UserName;
  /** True if every reader of the entry can detect it; false if only readers of that member's messages can. */
  readonly plain: boolean;
  /** True for a message that takes the counter of an earlier one. Clients that know the earlier one must not show it. */
  readonly repeated: boolean;
}

export class World {
  readonly time = new SimulatedTime();
  readonly random: SeededRandom;
  readonly suite: Suite;
  readonly server: SimulatedServer;
  readonly derivations = new Derivations();
  readonly people: readonly SimulatedUser[];
  /** Servers that continue from a copy of that one's data, which users do not know. */
  readonly forks: SimulatedServer[] = [];
  /** Entries that a member signed against the rules, by entry hash. */
  readonly forbidden = new Map<string, ForbiddenEntry>();
  /** The entry hashes of messages that a member signed about messages of others, without the right to it. */
  readonly powerless = new Set<string>();
  /** Wraps that the server has lost: room, epoch and recipient, separated by spaces. */
  readonly lost = new Set<string>();
  readonly #trace = createHash('sha256');
  #isHealed = false;
  /** By user, room and position, with a space between them. */
  readonly #epochsRead = new Map<string, number[]>();

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    // Mostly few users, because in small rooms each user meets every situation.
    const size = 10 + Math.floor(41 * (this.random.below(1000) / 1000) ** 6);
    this.suite = seed % realCryptoEvery === 0 ? realSuite(this.random) : unsafeSuite(this.random);
    const authority = this.suite.newSigner();
    this.server = new SimulatedServer({ ...this, authority });
    const trace = (user: string, event: ClientEvent) => {
      this.#trace.update(`${this.time.elapsed} ${user} ${outline(event)}\n`);
      this.#noteEpoch(user, event);
    };
    const { time, random, server, suite, derivations } = this;
    this.people = Array.from(
      { length: size },
      (_, index) => new SimulatedUser(`p${index}`, { time, random, server, authority, suite, derivations, trace }),
    );
  }

  /** Returns the times at which a user's client has read the epoch at a position, in ms since 1970: again after a crash that let it forget it. */
  epochReadAt(user: UserName, room: RoomId, seq: number): readonly number[] {
    return this.#epochsRead.get(`${user} ${room} ${seq}`) ?? [];
  }

  #noteEpoch(user: UserName, event: ClientEvent): void {
    if (event.kind !== 'room' || event.event.kind !== 'epoch') return;
    const place = `${user} ${event.roomId} ${event.event.seq}`;
    this.#epochsRead.set(place, [...(this.#epochsRead.get(place) ?? []), this.time.now()]);
  }

  /** The logs of all rooms, closed ones too. */
  logs(server = this.server): readonly HonestLog[] {
    return [...server.disk.logs].map(([room, entries]) => readLog(room, entries, this));
  }

  /** Returns the first key of the user who has this key, or the key if no user has it. */
  readonly idOf = (key: Fingerprint): Fingerprint =>
    this.people.find(({ keys }) => keys.some(({ fingerprint }) => fingerprint === key))?.id ?? key;

  /** Returns a hash over all events of all clients and their times. Ends the trace. */
  traceHash(): string {
    return this.#trace.digest('hex');
  }

  /** True after `heal`. From then on nothing fails. */
  get isHealed(): boolean {
    return this.#isHealed;
  }

  /** Starts all clients and repairs the network. */
  heal(): void {
    this.#isHealed = true;
    for (const person of this.people) {
      person.partitioned = false;
      person.latency = { least: 5, most: 60 };
      person.start();
    }
  }

  /** Ends all clients, so that nothing keeps the process running. */
  end(): void {
    for (const person of this.people) person.crash();
  }
}
