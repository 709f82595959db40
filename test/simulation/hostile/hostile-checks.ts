/** What has to hold whatever the server does. */
import type { ClientEvent } from '@chat/client';
import type { Fingerprint, RoomId } from '@chat/protocol';
import { isReadMessage } from '@chat/room';
import { disagreements } from '../checks/agreement.ts';
import { alarmText } from '../checks/alarms.ts';
import type { HonestLog } from '../checks/honest-log.ts';
import { leaked, permitted, readers } from '../checks/readers.ts';
import type { World } from '../run/world.ts';
import type { Said, SimulatedUser } from '../simulated/simulated-user.ts';
import { wasAlarmed } from './alarms-raised.ts';
import type { Attack } from './attack.ts';
import { knowsChain, unreported } from './reported.ts';
import { SeenLog } from './seen-log.ts';

/**
 * Returns the rooms in which a user's message to a room may be: that room, and direct rooms to which the user's client has moved the
 * conversation, with the messages that the other user had not read.
 */
function roomsOf({ room }: Said, { events }: SimulatedUser): ReadonlySet<string> {
  const rooms = new Set<string>([room]);
  for (const event of events) {
    if (event.kind === 'direct-moved' && rooms.has(event.from)) rooms.add(event.roomName);
  }
  return rooms;
}

/**
 * Returns whether no log has both entries: an author whose machine crashed before it had stored what it read on one side of a fork sends
 * the message again on the other one.
 */
const areForked = ({ server, forks }: World, room: RoomId, hashes: readonly string[]): boolean =>
  forks.length > 0 &&
  [server, ...forks].every(({ disk }) => {
    const logged = new Set(disk.logs.get(room)?.map((entry) => entry.hash));
    return !hashes.every((hash) => logged.has(hash));
  });

/** Checks that an edit that is shown was said by the author of its message. */
function checkEdited(
  person: SimulatedUser,
  { event, about }: Extract<ClientEvent, { kind: 'room' }>,
  said: ReadonlyMap<string, { readonly user: string }>,
  faults: string[],
): void {
  const text = 'text' in event ? event.text : '';
  if (about === undefined || said.get(text)?.user === about.user) return;
  faults.push(`${person.user} was shown "${text}" in place of what ${about.user} had said`);
}

/** Checks that no client shows a word about a message of another whose author had no right to it. */
function checkPowerless({ people, powerless }: World, faults: string[]): void {
  for (const { user, events } of people) {
    for (const event of events) {
      if (event.kind !== 'room' || !isReadMessage(event.event) || !powerless.has(event.event.hash)) continue;
      faults.push(`${user} was shown the word "${event.event.kind}" about a message of another`);
    }
  }
}

/** Checks that each shown message was sent by its author, and is shown once in a room. */
function checkShown(world: World, faults: string[]): void {
  const said = new Map(
    world.people.flatMap((person) =>
      person.said.map((each) => [each.text, { user: each.user, rooms: roomsOf(each, person) }] as const),
    ),
  );
  for (const person of world.people) {
    const places = new Map<string, { readonly seq: number; readonly hash: string }>();
    for (const event of person.events) {
      if (event.kind === 'room' && event.event.kind === 'edited') checkEdited(person, event, said, faults);
      if (event.kind !== 'room' || event.event.kind !== 'message') continue;
      const { text, user, seq, hash } = event.event;
      const original = said.get(text);
      if (original?.user !== user || !original.rooms.has(event.roomName))
        faults.push(`${person.user} was shown "${text}" of ${user}`);
      const isRepeated = world.forbidden.get(hash)?.repeated === true;
      if (isRepeated && knowsChain(person, user, { room: event.roomId, seq }))
        faults.push(`${person.user} was shown again what ${user} had counted before`);
      const place = `${event.roomName} ${text}`;
      const before = places.get(place) ?? { seq, hash };
      const isTwice = before.seq !== seq && !areForked(world, event.roomId, [before.hash, hash]);
      if (isTwice) faults.push(`${person.user} was shown "${text}" twice`);
      places.set(place, { seq, hash });
    }
  }
}

/**
 * Checks that each shown knock was made. A user knocks at a name, and signs the room id with which the server answers for it. If
 * that is the id of another room, the members there are shown a true knock, and no client can report it: the name of a room is
 * in its log, which the user can read only after a join, and a knock does not contain the name that the user meant.
 */
function checkKnocks({ people }: World, victims: Attack['victims'] | undefined, faults: string[]): void {
  const byName = new Map(people.map((person) => [person.user, person]));
  for (const { user, events } of people) {
    for (const event of events) {
      if (event.kind !== 'knock') continue;
      const knocker = byName.get(event.user);
      const names = [...(knocker?.knocked ?? [])];
      const seen = knocker === undefined ? undefined : victims?.get(knocker);
      if (names.some((name) => name === event.roomName || seen?.hasFound(name, event.roomId))) continue;
      faults.push(`${user} was shown a knock of ${event.user} at ${event.roomName}`);
    }
  }
}

/** Checks that joins, leaves and epochs are not shown more often than they happened. */
function checkDoings(world: World, log: HonestLog, faults: string[]): void {
  const done = new Map<string, number>();
  const entries = [world.server, ...world.forks].flatMap(({ disk }) => disk.logs.get(log.room) ?? []);
  for (const { entry } of new Map(entries.map((each) => [each.hash, each])).values()) {
    const key = `${doingOf[entry.type] ?? entry.type} ${world.idOf(entry.by)}`;
    done.set(key, (done.get(key) ?? 0) + 1);
  }
  const ids = new Map(world.people.map(({ user, id }) => [user, id]));
  for (const person of world.people) {
    const shown = new Map<string, Set<number>>();
    for (const event of person.events) {
      if (event.kind !== 'room' || event.roomId !== log.room) continue;
      const { kind, seq } = event.event;
      if (kind !== 'joined' && kind !== 'left' && kind !== 'epoch') continue;
      const by = kind === 'epoch' ? ids.get(event.event.by) : world.idOf(event.event.fingerprint);
      const key = `${kind} ${by}`;
      shown.set(key, (shown.get(key) ?? new Set()).add(seq));
    }
    for (const [key, places] of shown) {
      const isOurs = [...ids.values()].some((id) => key.endsWith(id));
      if (isOurs && places.size > (done.get(key) ?? 0)) faults.push(`${person.user} was shown too often: ${key}`);
    }
  }
}

/** Returns the log as an honest server shows it to a user: earlier messages only as hashes. */
function trueLog({ server }: World, person: SimulatedUser, { room, policy }: HonestLog): SeenLog {
  const seen = new SeenLog(room);
  const state = person.room(room)?.state;
  // For a former member only the start of the stored log is known.
  const own = state?.members.named(person.user)?.readsFrom ?? (state?.since ?? 0) + 1;
  const from = policy.history === 'all' ? 1 : own;
  for (const { seq, hash, entry, at } of server.disk.logs.get(room) ?? []) {
    seen.add(seq, entry.type === 'message' && seq < from ? { hash } : { at, entry }, 0);
  }
  return seen;
}

const doingOf: Readonly<Record<string, string>> = { create: 'joined', join: 'joined', leave: 'left' };

/** Checks that each client has reported what it could detect, in the log that it was shown. */
function checkReported(world: World, { victims }: Attack, faults: string[]): void {
  for (const person of world.people) {
    for (const log of world.logs()) {
      const seen = victims.get(person)?.of(log.room) ?? trueLog(world, person, log);
      faults.push(...unreported(world, person, seen, log).map((text) => `${log.name}: ${text}`));
    }
  }
}

/**
 * Checks that no user can decrypt an epoch that is for others, on any log. An epoch that two logs share is for the recipients on
 * either. If the history is for all, so are the epochs that are derived from it by steps.
 */
function checkReaders(world: World, faults: string[]): void {
  const logs = [world.server, ...world.forks].flatMap((server) => world.logs(server));
  const may = new Map<string, Set<Fingerprint>>();
  for (const log of logs) {
    const allowed = permitted(log);
    for (const { number, commitment } of log.epochs) {
      may.set(commitment, new Set([...(may.get(commitment) ?? []), ...(allowed.get(number) ?? [])]));
    }
  }
  for (const log of logs) {
    const able = readers(world, log);
    let before = new Set<Fingerprint>();
    for (const { number, commitment, isStep } of log.epochs) {
      const inherits = isStep && log.policy.history === 'all';
      before = new Set([...(may.get(commitment) ?? []), ...(inherits ? before : [])]);
      for (const { user, id } of able.get(number) ?? []) {
        if (!before.has(id)) faults.push(`${user} can read epoch ${number} of ${log.name}`);
      }
    }
  }
}

export interface HostileResult {
  readonly faults: readonly string[];
  /** The attack, or `null` if it had no effect. */
  readonly attack: string | null;
  readonly reported: boolean;
}

export function hostileResult(world: World, attack: Attack | null): HostileResult {
  const faults: string[] = [...leaked(world), ...disagreements(world)];
  checkShown(world, faults);
  checkPowerless(world, faults);
  checkKnocks(world, attack?.victims, faults);
  if (attack !== null) checkReported(world, attack, faults);
  for (const log of world.logs()) checkDoings(world, log, faults);
  checkReaders(world, faults);
  const name = attack?.name() ?? null;
  const reported = world.people.some(wasAlarmed);
  if (attack?.mustBeReported() && !reported) faults.push(`no client has reported "${name}"`);
  for (const person of world.people) {
    for (const refusal of person.refusals)
      if (refusal.code === 'defect') faults.push(`${person.user}: ${refusal.reason}`);
    for (const event of person.events)
      if (event.kind === 'trouble' && event.code === 'internal') faults.push(alarmText(event));
  }
  return { faults, attack: name, reported };
}
