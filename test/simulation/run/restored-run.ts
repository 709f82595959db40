/** A run in which the honest server is restored from a backup, and its users give back what it has lost. */
import { honestFaults } from '../checks/honest-checks.ts';
import { chosen, play } from './schedule.ts';
import { quietSteps } from './steps.ts';
import { World } from './world.ts';

/** The server verifies what it gets back with the real signatures, which this seed and its multiples have. */
const realCrypto = 50;
const convergenceMs = 120_000;
const firstSteps = 30;
const lostSteps = 30;

export interface RestoredOutcome {
  /** A sentence for each thing that is wrong. */
  readonly faults: readonly string[];
  /** Entries that the restored server lacked. */
  readonly lost: number;
  /** Rooms of which members gave entries back, by the server's word to each of them. */
  readonly healed: number;
}

/** What a user cannot overlook after a restore, and what the server logs. */
const isExpected = (fault: string): boolean => fault.includes('"server-behind"') || fault.includes('members gave back');

export async function restoredRun(seed: number): Promise<RestoredOutcome> {
  const world = new World(realCrypto * seed);
  await play(world, firstSteps);
  world.heal();
  await world.time.pass(convergenceMs);
  const backup = world.server.backup();
  for (let step = 0; step < lostSteps; step++) {
    chosen(world, quietSteps)(world, firstSteps + step);
    await world.time.pass(world.random.between(0, 2_000));
  }
  await world.time.pass(convergenceMs);
  const before = world.logs();
  const lengthOf = (room: string) => backup.logs.get(room)?.length ?? 0;
  const lost = before.reduce((sum, { room, hashes }) => sum + hashes.length - 1 - lengthOf(room), 0);
  world.server.restore(backup);
  await world.time.pass(convergenceMs);

  const faults = honestFaults(world).filter((fault) => !isExpected(fault));
  const after = new Map(world.logs().map((log) => [log.room, log]));
  for (const { room, name, hashes } of before) {
    const last = hashes.length - 1;
    if (after.get(room)?.hashes[last] !== hashes[last]) faults.push(`${name} has lost entries up to ${last}`);
  }
  const events = world.people.flatMap((person) => person.events);
  const healed = new Set(events.flatMap((event) => (event.kind === 'restored' ? [event.roomId] : []))).size;
  world.end();
  return { faults, lost, healed };
}
