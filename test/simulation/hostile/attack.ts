/** What a server that cheats does in one run, chosen by the seed. */
import type { RoomId } from '@chat/protocol';
import type { Room } from '../../../packages/server-core/src/ports/room-store.ts';
import type { World } from '../run/world.ts';
import type { SimulatedPerson } from '../simulated/simulated-person.ts';
import { chooseLie, noise } from './frame-lies.ts';
import { chooseEdit } from './log-edit.ts';
import { SeenLogs } from './seen-log.ts';
import { type Deviation, ShownLog } from './shown-log.ts';
import { TamperedConnection, type Tampering } from './tampered-connection.ts';
import { betray } from './traitor.ts';

export interface Attack {
  /** What it is; null as long as it has had no effect. */
  name(): string | null;
  /** Whether somebody must have been told, whatever was said since. */
  mustBeTold(): boolean;
  /** Those who are cheated, and what they are shown. */
  readonly victims: ReadonlyMap<SimulatedPerson, SeenLogs>;
  /** Ends a part of it, after a while. */
  relent?(): void;
}

/** From now on these people's frames pass through other hands; what they are shown is kept. */
function tamper(
  { server }: World,
  victims: readonly SimulatedPerson[],
  tampering: () => readonly Tampering[],
): Attack['victims'] {
  const seen = new Map<SimulatedPerson, SeenLogs>();
  for (const victim of victims) {
    const before = (room: RoomId) => [...(server.disk.logs.get(room) ?? [])];
    const logs = new SeenLogs(before, () => victim.events.length);
    seen.set(victim, logs);
    victim.rewriting = () => new TamperedConnection(tampering(), logs);
    victim.cut();
  }
  return seen;
}

function some({ random }: World, from: readonly SimulatedPerson[]): readonly SimulatedPerson[] {
  const picked = from.filter(() => random.chance(0.4));
  return picked.length > 0 ? picked : from.slice(0, 1);
}

const inRoom = ({ people }: World, { members }: Room) => {
  const users = new Set(members.map(({ user }) => user));
  return (person: SimulatedPerson) => people.includes(person) && users.has(person.user);
};

/** Some members, or newcomers, are shown another log than the others. */
function editLog(world: World, room: Room): Attack {
  const { random, people } = world;
  const newcomers = random.chance(0.3);
  const isIn = inRoom(world, room);
  const deviation: Deviation = {
    room: room.room,
    edit: chooseEdit(world, room.room),
    from: newcomers ? random.between(1, room.head + 1) : room.head + 1,
    effective: false,
    divergesAt: Number.POSITIVE_INFINITY,
  };
  const from = people.filter((person) => isIn(person) !== newcomers);
  const victims = tamper(world, some(world, from), () => [noise(world), new ShownLog(deviation)]);
  if (newcomers && room.name !== null) for (const victim of victims.keys()) victim.join(room.name);
  return {
    name: () => (deviation.effective ? deviation.edit.name : null),
    // A hidden message shows at once; another log by the first entry across the fork, which there may not have been.
    mustBeTold: () => deviation.effective && deviation.divergesAt === Number.POSITIVE_INFINITY,
    victims,
  };
}

/** Some people are told what is not so, in answers and pushes. */
function lie(world: World, room: Room): Attack {
  const { told, tampering } = chooseLie(world);
  const isIn = inRoom(world, room);
  const from = told.toNewcomers ? world.people.filter((person) => !isIn(person)) : world.people.filter(isIn);
  const victims = tamper(world, some(world, from), () => [tampering()]);
  if (told.toNewcomers && room.name !== null) for (const victim of victims.keys()) victim.join(room.name);
  return {
    name: () => (told.count > 0 ? told.name : null),
    mustBeTold: () => told.count > 0 && told.provable,
    victims,
  };
}

/** From now on there are two logs, and each half of the people is on one, until both are on the first again. */
function fork(world: World, room: Room): Attack {
  const other = world.server.fork();
  world.forks.push(other);
  const half = some(world, world.people.filter(inRoom(world, room)));
  const victims = tamper(world, half, () => []);
  for (const victim of half) victim.server = other;
  return {
    name: () => 'a fork',
    mustBeTold: () => false,
    victims,
    relent() {
      for (const victim of half) {
        victim.server = world.server;
        victim.cut();
      }
    },
  };
}

/** A member signs what the rules forbid, and the server puts it on the log. */
function conspire(world: World, room: Room): Attack {
  const name = betray(world, room);
  return { name: () => name, mustBeTold: () => false, victims: new Map() };
}

/** Begins to cheat; null when there is no room yet where it could matter. */
export function beginAttack(world: World): Attack | null {
  const { random, server } = world;
  const rooms = [...server.disk.rooms.values()].filter(({ members, name }) => name !== null && members.length > 1);
  const room = random.pick(rooms);
  if (room === undefined) return null;
  const kinds = [editLog, editLog, editLog, editLog, editLog, lie, lie, lie, fork, conspire, conspire];
  return (random.pick(kinds) ?? editLog)(world, room);
}
