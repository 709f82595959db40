/** Gaps: entries that the server no longer has. */
import { type LoggedGap, limits } from '@chat/protocol';
import { withHead } from '../author-view.ts';
import { type RoomEvent, violation } from '../event.ts';
import { mayRead } from '../people.ts';
import type { RoomState } from '../state.ts';
import { UserMap } from '../user-map.ts';
import type { Applied } from './step.ts';

const noChains: RoomState['authors'] = UserMap.empty;

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
  const own = state.authors.get(state.me);
  return { state: { ...moved, authors: own === undefined ? noChains : noChains.put(state.me, own) }, events: [gap] };
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

/** Events in the order of the log. Gaps that follow each other are one event. */
export class EventList {
  readonly #events: RoomEvent[] = [];
  /** The hashes of the last event, if it is a gap: an array of this list, to which those of the next gap are added. */
  #hashes: string[] = [];

  get events(): readonly RoomEvent[] {
    return this.#events;
  }

  /** Appends events, and joins a gap to the one before it when nothing stands between them. */
  add(added: readonly RoomEvent[]): void {
    for (const event of added) {
      if (event.kind === 'gap') this.#addGap(event);
      else this.#events.push(event);
    }
  }

  #addGap(gap: Extract<RoomEvent, { kind: 'gap' }>): void {
    const before = this.#events.at(-1);
    const continues =
      before?.kind === 'gap' &&
      before.cause === gap.cause &&
      before.stops === gap.stops &&
      before.seq + before.hashes.length === gap.seq;
    if (!continues) {
      this.#hashes = [];
      this.#events.push({ ...gap, hashes: this.#hashes });
    }
    for (const hash of gap.hashes) this.#hashes.push(hash);
  }
}

/**
 * Continues the own author chain after an own message that the server no longer has, as its author knows by its entry hash.
 *
 * @param hash entry hash of the message
 */
export function countOwnMessage(state: RoomState, hash: string): RoomState {
  const own = state.authors.get(state.me);
  if (own === undefined) return state;
  return { ...state, authors: state.authors.put(state.me, { counter: own.counter + 1, last: hash }) };
}
