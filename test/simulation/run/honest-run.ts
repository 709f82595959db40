/** One run with an honest server. */
import { honestFaults } from '../checks/honest-checks.ts';
import { play } from './schedule.ts';
import { World } from './world.ts';

/** The time in which all clients have to converge once the network works again. */
const convergenceMs = 60_000;

/** So long that each silence would be reported. Nothing happens meanwhile but heartbeats. */
const quietMs = 6 * 60_000;

export interface Outcome {
  /** A sentence for each thing that is wrong. */
  readonly faults: readonly string[];
  /** A hash over all events. It is the same for the same seed. */
  readonly trace: string;
}

export async function honestRun(seed: number): Promise<Outcome> {
  const world = new World(seed);
  await play(world, 200);
  world.heal();
  await world.time.pass(convergenceMs);
  await world.time.pass(quietMs);
  const faults = honestFaults(world);
  world.end();
  return { faults, trace: world.traceHash() };
}
