/** People, one server, one clock, one seed. */
import { createHash } from 'node:crypto';
import type { ClientEvent } from '@chat/client';
import { type HonestLog, readLog } from './honest-log.ts';
import { Derivations } from './recording-crypto.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedPerson } from './simulated-person.ts';
import { SimulatedServer } from './simulated-server.ts';
import { SimulatedTime } from './simulated-time.ts';
import { realSuite, type Suite } from './suite.ts';
import { unsafeSuite } from './unsafe-suite.ts';

/** Of so many seeds one runs on the real cryptography. */
const realEvery = 50;

/** An event without what real signatures make different each time. */
function outline(event: ClientEvent): string {
  if (event.kind !== 'room') return event.kind;
  const { room: _, event: inner, ...rest } = event;
  return JSON.stringify({ ...rest, event: { ...inner, hash: null, fingerprint: null } });
}

export class World {
  readonly time = new SimulatedTime();
  readonly random: SeededRandom;
  readonly suite: Suite;
  readonly server: SimulatedServer;
  readonly derivations = new Derivations();
  readonly people: readonly SimulatedPerson[];
  readonly #trace = createHash('sha256');

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    // Mostly few: it is in small rooms that everybody meets everything.
    const size = 10 + Math.floor(41 * (this.random.below(1000) / 1000) ** 3);
    this.suite = seed % realEvery === 0 ? realSuite(this.random) : unsafeSuite(this.random);
    this.server = new SimulatedServer(this.time, this.random, this.suite);
    const trace = (user: string, event: ClientEvent) =>
      this.#trace.update(`${this.time.elapsed} ${user} ${outline(event)}\n`);
    const { time, random, server, suite, derivations } = this;
    this.people = Array.from(
      { length: size },
      (_, index) => new SimulatedPerson(`p${index}`, { time, random, server, suite, derivations, trace }),
    );
  }

  /** The logs of all rooms, closed ones too. */
  logs(): readonly HonestLog[] {
    return [...this.server.disk.logs].map(([room, entries]) => readLog(room, entries));
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
