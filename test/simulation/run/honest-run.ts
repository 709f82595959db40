/** One run with an honest server. */
import { honestFaults } from '../checks/honest-checks.ts';
import { keptFaults } from '../checks/kept-messages.ts';
import { type Renewals, renewalsIn } from '../checks/renewed-keys.ts';
import { shownDifferently } from '../checks/shown-alike.ts';
import { play } from './schedule.ts';
import { type Step, steps, stepsWithRenewals } from './steps.ts';
import { World } from './world.ts';

/** The time in which all clients have to converge once the network works again. */
const convergenceMs = 60_000;

/** So long that each silence would be reported. Nothing happens meanwhile but heartbeats. */
const quietMs = 6 * 60_000;

export interface Outcome {
  /** A sentence for each thing that is wrong. */
  readonly faults: readonly string[];
  readonly renewals: Renewals;
  /** A hash over all events. It is the same for the same seed. */
  readonly trace: string;
}

async function run(seed: number, count: number, from: readonly Step[]): Promise<Outcome> {
  const world = new World(seed);
  await play(world, count, { from });
  world.heal();
  await world.time.pass(convergenceMs);
  await world.time.pass(quietMs);
  const [faults, renewals] = [
    [...honestFaults(world), ...(await keptFaults(world)), ...(await shownDifferently(world))],
    renewalsIn(world),
  ];
  world.end();
  return { faults, renewals, trace: world.traceHash() };
}

export const honestRun = (seed: number): Promise<Outcome> => run(seed, 200, steps);

/** A shorter run, in which a user renews the identity key in one of ten steps. */
export const renewedRun = (seed: number): Promise<Outcome> => run(seed, 80, stepsWithRenewals);
