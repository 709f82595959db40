/** A run in which the honest server is restored from a backup, and its users give back what it has lost. */
import { honestFaults } from '../checks/honest-checks.ts';
import { shownDifferently } from '../checks/shown-alike.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { chosen, play } from './schedule.ts';
import { quietSteps } from './steps.ts';
import { World } from './world.ts';

/** The server verifies what it gets back with the real signatures, which this seed and its multiples have. */
const realCrypto = 50;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const convergenceMs = 2 * minuteMs;
const firstSteps = 30;
const lostSteps = 30;
/** After this time without sleep each client has looked at the age of its prekey, and has erased the one before. */
const reviewsMs = 15 * minuteMs;
/** Machines sleep between so many parts of the time that is lost. */
const parts = 3;

/** How old the backups are, in hours; the first one is a few minutes old. */
export const backupAges: readonly number[] = [0, 3, 24, 7 * 24];

export interface RestoredOutcome {
  /** A sentence for each thing that is wrong. */
  readonly faults: readonly string[];
  /** Entries that the restored server lacked. */
  readonly lost: number;
  /** Rooms of which members gave entries back, by the server's word to each of them. */
  readonly healed: number;
  /** Users of whom a member has refused an earlier prekey, because the server had lost the later one. */
  readonly outdated: number;
  /** Users whose renewals of the identity key the server had lost. */
  readonly renewed: number;
  /** Those of them who were away, and whose renewals members gave back. */
  readonly renewedAway: number;
}

/** What a user cannot overlook after a restore, and what the server logs. */
const isExpected = (fault: string): boolean =>
  /"(?:server-behind|server-lost-prekey|outdated-prekey)"|members gave back/.test(fault);

async function act(world: World, first: number, count: number): Promise<void> {
  for (let step = first; step < first + count; step++) {
    chosen(world, quietSteps)(world, step);
    await world.time.pass(world.random.between(0, 2_000));
  }
}

/** Hubs have seen the prekeys of other members, and stay. */
const isHub = ({ user, client }: SimulatedUser): boolean =>
  (client?.rooms() ?? []).some(({ members }) => members.some((member) => member.hub && member.user === user));

/** All members of all rooms write, so that a key is replaced that is due. */
async function sayAll(world: World, when: string): Promise<void> {
  for (const person of world.people) {
    for (const { roomName } of person.client?.rooms() ?? []) {
      person.say(roomName, `${person.user} says the secret of ${when} in ${roomName}`);
    }
  }
  await world.time.pass(convergenceMs);
}

/** Some users renew their identity keys, and give them to their rooms. */
async function renewSome({ people, random, time }: World): Promise<void> {
  for (const person of people) if (person.hasReadAll && random.chance(0.2)) person.renew();
  await time.pass(convergenceMs);
}

/**
 * @param ageHours how long before the restore the backup was made; 0: some minutes. In the hours that are lost, all prekeys and room keys
 *   change, and some users are away from the restore until all keys have changed again. Of all ages the server has lost renewed identity
 *   keys, too
 */
export async function restoredRun(seed: number, ageHours: number): Promise<RestoredOutcome> {
  const world = new World(realCrypto * seed);
  const { time, random, server, people } = world;
  await play(world, firstSteps);
  world.heal();
  await time.pass(convergenceMs);
  const backup = server.backup();
  for (let part = 0; part < parts; part++) {
    if (ageHours > 0) {
      time.sleep((ageHours * hourMs) / parts);
      await time.pass(reviewsMs);
      await sayAll(world, `part ${part}`);
    }
    await renewSome(world);
    await act(world, firstSteps + part * (lostSteps / parts), lostSteps / parts);
  }
  await time.pass(convergenceMs);
  const before = world.logs();
  const lengthOf = (room: string) => backup.logs.get(room)?.length ?? 0;
  const lost = before.reduce((sum, { room, hashes }) => sum + hashes.length - 1 - lengthOf(room), 0);
  const away = ageHours === 0 ? [] : people.filter((person) => !isHub(person) && random.chance(0.6));
  for (const person of away) person.stop();
  await time.pass(convergenceMs);
  server.restore(backup);
  const renewed = people.filter(({ user, fingerprint }) => server.keyOf(user) !== fingerprint);
  await time.pass(convergenceMs);
  const renewedAway = renewed.filter((each) => away.includes(each) && server.keyOf(each.user) === each.fingerprint);
  if (ageHours > 0) {
    time.sleep(2 * hourMs);
    await time.pass(reviewsMs);
    await sayAll(world, 'the time after the restore');
    for (const person of away) person.start();
    await time.pass(convergenceMs);
    await sayAll(world, 'the end');
  }

  const faults = honestFaults(world).filter((fault) => !isExpected(fault));
  faults.push(...(await shownDifferently(world)));
  const after = new Map(world.logs().map((log) => [log.room, log]));
  for (const { room, name, hashes } of before) {
    const last = hashes.length - 1;
    if (after.get(room)?.hashes[last] !== hashes[last]) faults.push(`${name} has lost entries up to ${last}`);
  }
  const events = people.flatMap((person) => person.events);
  const healed = new Set(events.flatMap((event) => (event.kind === 'restored' ? [event.roomId] : []))).size;
  const outdated = new Set(events.flatMap((event) => (event.kind === 'outdated-prekey' ? [event.user] : []))).size;
  world.end();
  return { faults, lost, healed, outdated, renewed: renewed.length, renewedAway: renewedAway.length };
}
