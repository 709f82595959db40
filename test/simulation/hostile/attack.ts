/** The attack of a dishonest server in one run, chosen by the seed. */
import type { RoomId } from '@chat/protocol';
import type { Room } from '@chat/server-core';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { signForbiddenEntry } from './dishonest-member.ts';
import { chooseLie, noise } from './frame-lies.ts';
import { chooseEdit } from './log-edit.ts';
import { SeenLogs } from './seen-log.ts';
import { type Deviation, ShownLog } from './shown-log.ts';
import { TamperedConnection, type Tampering } from './tampered-connection.ts';

export interface Attack {
  /** Returns its name, or `null` while it has had no effect. */
  name(): string | null;
  /** Returns true if a client has to have reported it, even if no message was sent since. */
  mustBeReported(): boolean;
  /** The attacked users, and the logs that the server has shown to them. */
  readonly victims: ReadonlyMap<SimulatedUser, SeenLogs>;
  /** Ends the attack in part. */
  relent?(): void;
}

/** Puts the tampering between the victims and the server, and records what they are shown. */
function tamper(
  { server }: World,
  victims: readonly SimulatedUser[],
  tampering: () => readonly Tampering[],
): Attack['victims'] {
  const seen = new Map<SimulatedUser, SeenLogs>();
  for (const victim of victims) {
    const before = (room: RoomId) => [...(server.disk.logs.get(room) ?? [])];
    const logs = new SeenLogs(before, () => victim.events.length);
    seen.set(victim, logs);
    victim.rewriting = () => new TamperedConnection(tampering(), logs);
    victim.cut();
  }
  return seen;
}

function some({ random }: World, from: readonly SimulatedUser[]): readonly SimulatedUser[] {
  const picked = from.filter(() => random.chance(0.4));
  return picked.length > 0 ? picked : from.slice(0, 1);
}

const inRoom = ({ people }: World, { members }: Room) => {
  const users = new Set(members.map(({ user }) => user));
  return (person: SimulatedUser) => people.includes(person) && users.has(person.user);
};

/** Shows another log to some members or to newcomers. */
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
    // A client detects a missing message at once. It detects another log by the first entry that crosses the fork, which may not exist.
    mustBeReported: () => deviation.effective && deviation.divergesAt === Number.POSITIVE_INFINITY,
    victims,
  };
}

/** Sends false answers and pushes to some users. */
function lie(world: World, room: Room): Attack {
  const { sent, tampering } = chooseLie(world);
  const isIn = inRoom(world, room);
  const from = sent.toNewcomers ? world.people.filter((person) => !isIn(person)) : world.people.filter(isIn);
  const victims = tamper(world, some(world, from), () => [tampering()]);
  if (sent.toNewcomers && room.name !== null) for (const victim of victims.keys()) victim.join(room.name);
  return {
    name: () => (sent.count > 0 ? sent.name : null),
    mustBeReported: () => sent.count > 0 && sent.provable,
    victims,
  };
}

/** Splits the log in two, each for a part of the users, until all are on the first one again. */
function fork(world: World, room: Room): Attack {
  const other = world.server.fork();
  world.forks.push(other);
  const half = some(world, world.people.filter(inRoom(world, room)));
  const victims = tamper(world, half, () => []);
  for (const victim of half) victim.server = other;
  return {
    name: () => 'a fork',
    mustBeReported: () => false,
    victims,
    relent() {
      for (const victim of half) {
        victim.server = world.server;
        victim.cut();
      }
    },
  };
}

/** A member signs an entry that the rules forbid, and the server appends it. */
function signAgainstRules(world: World, room: Room): Attack {
  const name = signForbiddenEntry(world, room);
  return { name: () => name, mustBeReported: () => false, victims: new Map() };
}

/** Begins an attack. Returns `null` while no room has two members. */
export function beginAttack(world: World): Attack | null {
  const { random, server } = world;
  const rooms = [...server.disk.rooms.values()].filter(({ members, name }) => name !== null && members.length > 1);
  const room = random.pick(rooms);
  if (room === undefined) return null;
  const kinds = [editLog, editLog, editLog, editLog, editLog, lie, lie, lie, fork, signAgainstRules, signAgainstRules];
  return (random.pick(kinds) ?? editLog)(world, room);
}
