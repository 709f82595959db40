/**
 * One run with a server that lies, for some days, where a deadline of its clients might hang on its word. Prekeys and room keys change
 * in time all the same, no message is sent under a key that is too old, and the users learn what the server does not do.
 */
import type { Fingerprint, RoomId } from '@chat/protocol';
import { keyFaults } from '../checks/key-age.ts';
import { play } from '../run/schedule.ts';
import { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { type DeadlineLie, deadlineLie } from './deadline-lies.ts';
import { SeenLogs } from './seen-log.ts';
import { TamperedConnection } from './tampered-connection.ts';

const steps = 40;
const convergenceMs = 60_000;
const hour = 60 * 60 * 1_000;
/** All machines sleep between two rounds, so that days pass with little work. */
const asleepMs = 12 * hour;
const rounds = 6;
const roundMs = 6 * 60_000;
/** For connections that the server cuts. */
const connectionMs = 30_000;
/** What one round may add to the age of a key. */
const slackMs = roundMs;

/** Returns the times at which a user's client has read the epoch at a position. */
const readAt = (world: World, author: Fingerprint, room: RoomId, seq: number): readonly number[] => {
  const person = world.people.find(({ keys }) => keys.some(({ fingerprint }) => fingerprint === author));
  return person === undefined ? [] : world.epochReadAt(person.user, room, seq);
};

const isMember = ({ server }: World, { user }: SimulatedUser): boolean =>
  [...server.disk.rooms.values()].some(({ members }) => members.some((member) => member.user === user));

/** Puts the lie on each later connection of these users. */
function deceive(victims: readonly SimulatedUser[], lie: DeadlineLie): void {
  for (const victim of victims) {
    const unseen = new SeenLogs(
      () => [],
      () => 0,
    );
    victim.rewriting = () => new TamperedConnection([lie.tampering(victim)], unseen);
    victim.cut();
  }
}

async function round(world: World, victims: readonly SimulatedUser[], cuts: boolean, number: number): Promise<void> {
  world.time.sleep(asleepMs);
  for (const person of world.people) person.cut();
  await world.time.pass(convergenceMs);
  for (const person of world.people) {
    for (const { roomName } of person.client?.rooms() ?? []) {
      person.say(roomName, `${person.user} says the secret of day ${number} in ${roomName}`);
    }
  }
  for (let passed = 0; passed < roundMs; passed += connectionMs) {
    await world.time.pass(connectionMs);
    if (cuts) for (const victim of victims) victim.cut();
  }
}

/** The lie of a seed, how often the server sent it, and a sentence for each thing that is wrong. */
export interface DeadlineResult {
  readonly lie: string;
  readonly told: number;
  readonly faults: readonly string[];
}

export async function deadlineRun(seed: number): Promise<DeadlineResult> {
  const world = new World(seed);
  await play(world, steps);
  world.heal();
  await world.time.pass(convergenceMs);
  const members = world.people.filter((person) => isMember(world, person) && !world.server.isRevoked(person.user));
  const victims = members.filter((_, index) => index % 2 === 0);
  const lie = deadlineLie(world, seed);
  const before = new Map(world.people.map((person) => [person, person.events.length]));
  const published = new Map([...world.server.disk.prekeys].map(([user, { prekey }]) => [user, prekey]));
  deceive(victims, lie);
  for (let number = 1; number <= rounds; number++) await round(world, victims, lie.cuts, number);

  const faults: string[] = [];
  for (const person of members) {
    const { user } = person;
    if (!person.running || person.client?.refusal != null) continue;
    if (world.server.disk.prekeys.get(user)?.prekey === published.get(user)) faults.push(`${user} has an old prekey`);
    const told = lie.sent.get(person) ?? 0;
    const isReported = lie.reports === null || person.events.slice(before.get(person)).some(lie.reports);
    if (told > 0 && !isReported) faults.push(`${user} has not learnt of "${lie.name}"`);
  }
  for (const { room, name } of world.server.disk.rooms.values()) {
    if (name === null) continue;
    const entries = world.server.disk.logs.get(room) ?? [];
    faults.push(...keyFaults({ name, entries, readAt: (author, seq) => readAt(world, author, room, seq), slackMs }));
  }
  const told = [...lie.sent.values()].reduce((sum, count) => sum + count, 0);
  world.end();
  return { lie: lie.name, told, faults };
}
