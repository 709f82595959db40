/** One run with an honest server. */
import { honestFaults } from '../checks/honest-checks.ts';
import { play } from './schedule.ts';
import { World } from './world.ts';

/** Within what everybody must have come to the same after all is well again, in ms. */
const convergesWithin = 60_000;

export interface Outcome {
  /** What is wrong, in words. */
  readonly faults: readonly string[];
  /** The same for the same seed. */
  readonly trace: string;
}

export async function honestRun(seed: number): Promise<Outcome> {
  const world = new World(seed);
  await play(world, 200);
  world.heal();
  await world.time.pass(convergesWithin);
  const faults = honestFaults(world);
  world.end();
  return { faults, trace: world.traceHash() };
}
