/**
 * Which clients have to have reported an attack, computed without the code under test. The author of an entry has signed the head
 * of the log (`head`), so a client that is shown the entry on another log can detect it, and has to report it before it shows
 * anything after it. The same holds for a missing message of an author.
 */

import type { ClientEvent } from '@chat/client';
import { entryHash, type RoomId, type SignedEntry, type UserName } from '@chat/protocol';
import type { RoomEvent } from '@chat/room';
import { fieldsOf } from '../../support/payload-fields.ts';
import type { HonestLog } from '../checks/honest-log.ts';
import { lacking } from '../checks/readers.ts';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { raisesAlarm } from './alarms-raised.ts';
import type { SeenLog } from './seen-log.ts';

interface View {
  readonly seq: number;
  readonly hash: string;
}

/** Returns the entry's author view, or `null` if it has none. */
function viewOf(payload: Uint8Array): View | null {
  try {
    const { head } = fieldsOf(payload) as { readonly head?: View };
    return head ?? null;
  } catch {
    return null;
  }
}

/** Returns the index of the first event of this room after `seq`, or the number of events. */
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

/** True if the author saw the same log. */
function isOwnView({ payload }: SignedEntry, seq: number, seen: SeenLog): boolean {
  const view = viewOf(payload);
  return view === null || (view.seq < seq && seen.hashes[view.seq] === view.hash);
}

/** True if the entry is signed against the rules and this user's client can detect it. Messages are checked by their readers. */
function isForbidden(world: World, person: SimulatedUser, entry: SignedEntry, place: Place): boolean {
  const forbidden = world.forbidden.get(entryHash(entry));
  if (forbidden === undefined || forbidden.plain) return forbidden !== undefined;
  const isRead = !saidBy(person, forbidden.by, place.room).some(
    (each) => each.kind === 'unreadable' && each.seq === place.seq,
  );
  return isRead && knowsChain(person, forbidden.by, place);
}

/** Returns the position before `seq` at which the user's membership ended the last time; 0 if it did not. A later one begins anew. */
const endOfMembership = ({ events, user }: SimulatedUser, { room, seq }: Place): number =>
  events.reduce((end, event) => {
    if (event.kind !== 'room' || event.roomId !== room || event.event.seq >= seq) return end;
    const { event: ended } = event;
    const isOwn =
      (ended.kind === 'left' || ended.kind === 'removed' || ended.kind === 'revoked') && ended.user === user;
    return isOwn ? Math.max(end, ended.seq) : end;
  }, 0);

/** True if the client has read the author's message before this one, and so knows the next counter. */
export function knowsChain(person: SimulatedUser, author: UserName, { room, seq }: Place): boolean {
  const end = endOfMembership(person, { room, seq });
  const latest = saidBy(person, author, room)
    .filter((each) => each.seq < seq && each.seq > end)
    .sort((one, other) => one.seq - other.seq)
    .at(-1);
  return latest?.kind === 'message';
}

interface Place {
  readonly room: RoomId;
  readonly seq: number;
}

const saidBy = ({ events }: SimulatedUser, author: UserName, room: RoomId) =>
  events.flatMap((event) => (event.kind === 'room' && event.roomId === room ? saidIn(event.event, author) : []));

const saidIn = (event: RoomEvent, user: UserName) =>
  (event.kind === 'message' || event.kind === 'unreadable') && event.user === user ? [event] : [];

/**
 * True for a message in a room whose history is for all, if this user gets its key from a later epoch only: because the user was invited
 * then, and the server lost the wrap of the key before the user fetched it, or the user had replaced the prekey of the wrap, which an
 * invitation by an unknown user does not keep; or because the message was sent after the user's join under the key from before it. The client reads such a log twice (`HistoryReplay`). The first reading shows the other entries, and cannot
 * detect what is wrong inside this message, for lack of the key. The second one has the key, and shows nothing but messages, in order.
 */
function isReadSecond(world: World, person: SimulatedUser, entry: SignedEntry, { seq, seen, log }: SeenPlace): boolean {
  if (entry.type !== 'message' || log.policy.history !== 'all') return false;
  const joinedAt =
    seen.entries.findLastIndex((each) => each.entry?.type === 'join' && world.idOf(each.entry.by) === person.id) + 1;
  const needsKey = world.forbidden.get(entryHash(entry))?.plain === false && isOwnView(entry, seq, seen);
  const { epoch } = fieldsOf(entry.payload) as { readonly epoch: number };
  const isLost = lacking(world, log).get(epoch)?.has(person.id) === true;
  if (seq < joinedAt) return needsKey && (isLost || lackedKey(person, log.room, epoch));
  const made = log.epochs.find(({ number }) => number === epoch);
  return needsKey && made !== undefined && made.seq < joinedAt && !made.recipients.has(person.id);
}

/** True if the user's client did not have the key of this epoch when it first read the epoch. */
const lackedKey = ({ events }: SimulatedUser, room: RoomId, epoch: number): boolean =>
  events.some(
    (event) =>
      event.kind === 'room' &&
      event.roomId === room &&
      event.event.kind === 'epoch' &&
      event.event.number === epoch &&
      event.event.key === 'wanted',
  );

interface SeenPlace {
  readonly seq: number;
  readonly seen: SeenLog;
  readonly log: HonestLog;
}

/** Returns the index of the first message of this room after `seq` that was shown, or the number of events. */
function nextMessage(events: readonly ClientEvent[], room: RoomId, seq: number): number {
  const next = events.findIndex(
    (event) =>
      event.kind === 'room' && event.roomId === room && event.event.kind === 'message' && event.event.seq > seq,
  );
  return next === -1 ? events.length : next;
}

/** Returns what the client of a user should have reported in a room and did not. */
export function unreported(world: World, person: SimulatedUser, seen: SeenLog, log: HonestLog): readonly string[] {
  const { room } = log;
  const head = person.room(room)?.state.head;
  if (head === undefined) return [];
  const faults: string[] = [];
  if (head.seq <= seen.length && head.hash !== seen.hashes[head.seq]) {
    faults.push(`${person.user} has another log hash than it was shown at ${head.seq}`);
  }
  const alarms = person.events.flatMap((event, index) => (raisesAlarm(event) ? [index] : []));
  const first = alarms[0] ?? Number.POSITIVE_INFINITY;
  const isBreach = (entry: SignedEntry, seq: number) =>
    isForbidden(world, person, entry, { room, seq }) || !isOwnView(entry, seq, seen);
  for (const [index, { entry, after }] of seen.entries.slice(0, head.seq).entries()) {
    const seq = index + 1;
    if (entry === null || !isBreach(entry, seq)) continue;
    // Messages from before a join may be read much later.
    const isOld = entry.type === 'message' && seq <= (person.room(room)?.state.since ?? 0);
    const deadline = isReadSecond(world, person, entry, { seq, seen, log })
      ? nextMessage(person.events, room, seq)
      : readOn(person.events, room, seq, after);
    if (first <= (isOld ? person.events.length : deadline)) return faults;
    return [...faults, `${person.user} has not reported the ${entry.type} at ${seq}`];
  }
  return faults;
}
