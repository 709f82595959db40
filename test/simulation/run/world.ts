/** People, one server, one clock, one seed. */
import { createHash } from 'node:crypto';
import type { ClientEvent } from '@chat/client';
import type { UserName } from '@chat/protocol';
import { type HonestLog, readLog } from '../checks/honest-log.ts';
import { Derivations } from '../crypto/recording-crypto.ts';
import { realSuite, type Suite } from '../crypto/suite.ts';
import { unsafeSuite } from '../crypto/unsafe-suite.ts';
import { SeededRandom } from '../simulated/seeded-random.ts';
import { SimulatedPerson } from '../simulated/simulated-person.ts';
import { SimulatedServer } from '../simulated/simulated-server.ts';
import { SimulatedTime } from '../simulated/simulated-time.ts';

/** Of so many seeds one runs on the real cryptography. */
const realEvery = 50;

/** An event without what real signatures make different each time. */
function outline(event: ClientEvent): string {
  if (event.kind !== 'room') return event.kind;
  const { roomId: _, event: inner, ...rest } = event;
  return JSON.stringify({ ...rest, event: { ...inner, hash: null, fingerprint: null } });
}

/** What a member has signed against the rules. */
export interface Betrayal {
  readonly by: UserName;
  /** Whether all can tell who are shown it; else those who read what that member says. */
  readonly plain: boolean;
  /** Whether it is a message in the place of one that its author has said: not to be shown to whoever knows that one. */
  readonly repeated: boolean;
}

export class World {
  readonly time = new SimulatedTime();
  readonly random: SeededRandom;
  readonly suite: Suite;
  readonly server: SimulatedServer;
  readonly derivations = new Derivations();
  readonly people: readonly SimulatedPerson[];
  /** Those that went their own way from that one, unknown to people. */
  readonly forks: SimulatedServer[] = [];
  /** Entry hashes of what a member signed against the rules, and who it was. */
  readonly forbidden = new Map<string, Betrayal>();
  /** Wraps that the server has lost, by room, epoch and whose they were. */
  readonly lost = new Set<string>();
  readonly #trace = createHash('sha256');

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    // Mostly few: it is in small rooms that everybody meets everything.
    const size = 10 + Math.floor(41 * (this.random.below(1000) / 1000) ** 6);
    this.suite = seed % realEvery === 0 ? realSuite(this.random) : unsafeSuite(this.random);
    const authority = this.suite.newSigner();
    this.server = new SimulatedServer({ ...this, authority });
    const trace = (user: string, event: ClientEvent) =>
      this.#trace.update(`${this.time.elapsed} ${user} ${outline(event)}\n`);
    const { time, random, server, suite, derivations } = this;
    this.people = Array.from(
      { length: size },
      (_, index) => new SimulatedPerson(`p${index}`, { time, random, server, authority, suite, derivations, trace }),
    );
  }

  /** The logs of all rooms, closed ones too. */
  logs(server = this.server): readonly HonestLog[] {
    return [...server.disk.logs].map(([room, entries]) => readLog(room, entries, this.forbidden));
  }

  /** A hash over everything that anybody was told, and when. Ends the trace. */
  traceHash(): string {
    return this.#trace.digest('hex');
  }

  /** Everybody is here again, and nothing stands between them and the server. */
  heal(): void {
    for (const person of this.people) {
      person.partitioned = false;
      person.latency = { least: 5, most: 60 };
      person.start();
    }
  }

  /** Ends all clients: nothing keeps the process. */
  end(): void {
    for (const person of this.people) person.crash();
  }
}
