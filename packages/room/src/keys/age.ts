/**
 * The age of a fresh key. Entries are counted from the log, so all members agree on the count. Time is measured by each
 * member's own clock; the clocks of other members, signed or not, and the server's clock have no influence. A wrong or
 * jumping clock costs at most one additional epoch, because the member that makes it starts counting again.
 */
import { limits, type Payload } from '@chat/protocol';
import type { RoomState } from '../state.ts';

/**
 * Records when this client first knew of the latest fresh key. Records it again if the clock has been set back before the
 * recorded time. A key does not grow older than `freshKeyAge` while it is unused: so it is due when a conversation begins, and its
 * messages do not wait for the next one.
 *
 * @param now milliseconds since 1970
 * @param before the state before the latest entries were read. Default: `state`
 */
export function noteKeySeen(state: RoomState, now: number, before: RoomState = state): RoomState {
  const { freshSeq, freshSeenAt } = state;
  if (freshSeq === 0) return state;
  if (freshSeenAt === null || freshSeenAt > now) return { ...state, freshSeenAt: now };
  const isFirstUse = before.freshSeq === freshSeq && !isUsed(before) && isUsed(state);
  return isFirstUse && now - freshSeenAt > limits.freshKeyAge
    ? { ...state, freshSeenAt: now - limits.freshKeyAge }
    : state;
}

const entriesUnderKey = ({ head, freshSeq }: RoomState): number => head.seq - freshSeq;
const isUsed = (state: RoomState): boolean => entriesUnderKey(state) > 0;

const isCounted = (state: RoomState): boolean => entriesUnderKey(state) >= limits.freshKeyEntries;

/** Returns the time in ms by the own clock when the next fresh key is due; null while no entry has followed the latest one. */
export function keyExpiry(state: RoomState): number | null {
  if (!isUsed(state) || state.freshSeenAt === null) return null;
  return state.freshSeenAt + (isCounted(state) ? limits.busyKeyAge : limits.freshKeyAge);
}

/**
 * Returns why the room needs a fresh key although its membership has not changed; null when it needs none. A key of version 1 is
 * too old at once.
 *
 * @param now milliseconds since 1970
 */
export function rekeyDue(state: RoomState, now: number): 'count' | 'age' | null {
  if (state.epoch === null) return null;
  if (state.epoch.v === 1) return 'age';
  const expiry = keyExpiry(state);
  if (isCounted(state)) return expiry === null || now >= expiry ? 'count' : null;
  return expiry !== null && now >= expiry ? 'age' : null;
}

/**
 * Returns whether the latest fresh key was used for so long that no author may compose a message under it. Until the next fresh
 * key, messages wait. So no server can keep a key in use by keeping its members from making another one. A key of version 1 is
 * worn out from the start.
 *
 * @param now milliseconds since 1970
 */
export function isKeyWornOut(state: RoomState, now: number): boolean {
  const { epoch, freshSeenAt } = state;
  if (epoch === null) return false;
  if (epoch.v === 1) return true;
  if (entriesUnderKey(state) >= limits.lastKeyEntries) return true;
  return isUsed(state) && freshSeenAt !== null && now >= freshSeenAt + limits.lastKeyAge;
}

/** The limits by which keys of version 1 are judged: those of that time, or else honest entries would be reported. */
const earlier = { freshKeyEntries: 1_000, lastKeyEntries: 1_100 };
const limitsOf = (v: number) => (v === 1 ? earlier : limits);

/**
 * Returns whether an author used the latest fresh key although the author had read `lastKeyEntries` entries under it. The signed
 * author view proves it, whatever the server has delayed. Age proves nothing: the author may know the key for less time.
 *
 * @param headSeq the position in the author view
 */
export const isKeyOverused = ({ epoch, freshSeq }: RoomState, headSeq: number): boolean =>
  headSeq - freshSeq >= limitsOf(epoch?.v ?? 2).lastKeyEntries;

/**
 * Returns whether the log disproves the reason that an author states for an epoch: the author view shows that the key had served
 * for fewer than `freshKeyEntries` entries, or for none. A key of version 1 is too old at once for an epoch of version 2.
 */
export function isKeyNeedless({ epoch, freshSeq }: RoomState, { v, reason, head }: Payload<'epoch'>): boolean {
  const used = head.seq - freshSeq;
  const replacesEarlier = v === 2 && epoch?.v === 1;
  return (
    (reason === 'count' && used < limitsOf(epoch?.v ?? v).freshKeyEntries) ||
    (reason === 'age' && used <= 0 && !replacesEarlier)
  );
}
