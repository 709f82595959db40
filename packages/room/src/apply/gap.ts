/** Gaps: entries that the server no longer has. */
import { type LoggedGap, limits } from '@chat/protocol';
import { withHead } from '../author-view.ts';
import { type RoomEvent, violation } from '../event.ts';
import { mayRead } from '../people.ts';
import type { RoomState } from '../state.ts';
import type { Applied } from './step.ts';

/**
 * Applies a gap. A missing message advances the log hash like a stub; the chains of the other authors begin anew, because the
 * message's author is unknown. A missing entry of another type may have changed the members, the roles or the key, so the
 * room stays before it: to judge later entries without it would accuse their authors. So does one without a hash.
 */
export function applyGap(state: RoomState, { seq, hash, type, cause }: LoggedGap): Applied {
  if (type !== 'message' || hash === null) {
    const gap: RoomEvent = { kind: 'gap', seq, hashes: [], cause, stops: true };
    // A server deletes messages only.
    return { state, events: [cause === 'expired' ? violation('withheld', seq) : gap] };
  }
  const gap: RoomEvent = { kind: 'gap', seq, hashes: [hash], cause, stops: false };
  const moved = withHead(state, seq, type, hash);
  if (!mayRead(moved)) return { state: moved, events: [] };
  const own = state.authors[state.me];
  return { state: { ...moved, authors: own === undefined ? {} : { [state.me]: own } }, events: [gap] };
}

/**
 * Judges a message that the server says it has deleted, once the end of the server's log is known: no server deletes one of the
 * latest messages.
 *
 * @param seq position of the latest such message
 * @param headSeq position of the server's latest entry
 * @returns a violation `withheld`, or none
 */
export const judgeExpired = (seq: number, headSeq: number): readonly RoomEvent[] =>
  seq > Math.max(0, headSeq - limits.keptEntries) ? [violation('withheld', seq)] : [];

/** Appends events to `events`, and joins a gap to the one before it when nothing stands between them. */
export function addEvents(events: RoomEvent[], added: readonly RoomEvent[]): void {
  for (const event of added) {
    const before = events.at(-1);
    const continues =
      before?.kind === 'gap' &&
      event.kind === 'gap' &&
      before.cause === event.cause &&
      before.stops === event.stops &&
      before.seq + before.hashes.length === event.seq;
    if (continues) events[events.length - 1] = { ...before, hashes: [...before.hashes, ...event.hashes] };
    else events.push(event);
  }
}

/**
 * Continues the own author chain after an own message that the server no longer has, as its author knows by its entry hash.
 *
 * @param hash entry hash of the message
 */
export function countOwnMessage(state: RoomState, hash: string): RoomState {
  const own = state.authors[state.me];
  if (own === undefined) return state;
  return { ...state, authors: { ...state.authors, [state.me]: { counter: own.counter + 1, last: hash } } };
}
