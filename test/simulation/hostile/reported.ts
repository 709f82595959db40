/**
 * Who must have been told, found without the code that is tested: the author of an entry says how they saw the log (`head`),
 * so whoever was shown it on another log can tell, and is told by the time they read anything after it. Likewise of
 * messages of one author between which one is missing.
 */
import type { ClientEvent } from '@chat/client';
import { entryHash, type RoomId, type SignedEntry, type UserName } from '@chat/protocol';
import type { RoomEvent } from '@chat/room';
import type { World } from '../run/world.ts';
import type { SimulatedPerson } from '../simulated/simulated-person.ts';
import { raisesAlarm } from './alarms-raised.ts';
import type { SeenLog } from './seen-log.ts';

interface View {
  readonly seq: number;
  readonly hash: string;
}

/** The log as the entry's author saw it; null when it does not say. */
function viewOf(payload: string): View | null {
  try {
    const { head } = JSON.parse(payload) as { readonly head?: View };
    return head ?? null;
  } catch {
    return null;
  }
}

/** Position of the first event of this room from `seq` on, or the number of events. */
function readOn(events: readonly ClientEvent[], room: RoomId, seq: number, after: number): number {
  const next = events.findIndex(
    (event, index) =>
      index >= after &&
      event.kind === 'room' &&
      event.roomId === room &&
      event.event.kind !== 'violation' &&
      event.event.seq > seq,
  );
  return next === -1 ? events.length : next;
}

/** Whether the author saw the log as it is here. */
function isOwnView({ payload }: SignedEntry, seq: number, seen: SeenLog): boolean {
  const view = viewOf(payload);
  return view === null || (view.seq < seq && seen.hashes[view.seq] === view.hash);
}

/** Whether somebody has signed it against the rules, and this person can tell: of what is said, who reads it. */
function isForbidden(world: World, person: SimulatedPerson, entry: SignedEntry, place: Place): boolean {
  const betrayal = world.forbidden.get(entryHash(entry));
  if (betrayal === undefined || betrayal.plain) return betrayal !== undefined;
  const isRead = !saidBy(person, betrayal.by, place.room).some(
    (each) => each.kind === 'unreadable' && each.seq === place.seq,
  );
  return isRead && knowsChain(person, betrayal.by, place);
}

/** Whoever has read the message before knows what comes next; who has not holds none against it. */
export function knowsChain(person: SimulatedPerson, author: UserName, { room, seq }: Place): boolean {
  const latest = saidBy(person, author, room)
    .filter((each) => each.seq < seq)
    .sort((one, other) => one.seq - other.seq)
    .at(-1);
  return latest?.kind === 'message';
}

interface Place {
  readonly room: RoomId;
  readonly seq: number;
}

const saidBy = ({ events }: SimulatedPerson, author: UserName, room: RoomId) =>
  events.flatMap((event) => (event.kind === 'room' && event.roomId === room ? saidIn(event.event, author) : []));

const saidIn = (event: RoomEvent, user: UserName) =>
  (event.kind === 'message' || event.kind === 'unreadable') && event.user === user ? [event] : [];

/** What a person should have been told of in a room, in words. */
export function unreported(world: World, person: SimulatedPerson, seen: SeenLog, room: RoomId): readonly string[] {
  const head = person.room(room)?.state.head;
  if (head === undefined) return [];
  const faults: string[] = [];
  if (head.seq <= seen.length && head.hash !== seen.hashes[head.seq]) {
    faults.push(`${person.user} is at another hash than what they were shown at ${head.seq}`);
  }
  const alarms = person.events.flatMap((event, index) => (raisesAlarm(event) ? [index] : []));
  const first = alarms[0] ?? Number.POSITIVE_INFINITY;
  const isBreach = (entry: SignedEntry, seq: number) =>
    isForbidden(world, person, entry, { room, seq }) || !isOwnView(entry, seq, seen);
  for (const [index, { entry, after }] of seen.entries.slice(0, head.seq).entries()) {
    const seq = index + 1;
    if (entry === null || !isBreach(entry, seq)) continue;
    // What was said before somebody came they may read long after all else.
    const isOld = entry.type === 'message' && seq <= (person.room(room)?.state.since ?? 0);
    if (first <= (isOld ? person.events.length : readOn(person.events, room, seq, after))) return faults;
    return [...faults, `${person.user} was not told of the ${entry.type} at ${seq}`];
  }
  return faults;
}
