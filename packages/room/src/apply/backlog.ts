/**
 * Many entries at once, with one signature check for each author's run of messages in place of one for each message.
 *
 * Why one signature vouches for a run: a message's token, which its author signs, holds the entry hash of that author's
 * message before, and an entry hash covers payload (its view of the log included) and signature. So the signature of the last
 * message of an unbroken run is one over every byte of the run, and neither the server nor another member can change, add,
 * drop or move any of them under it. Whatever is not such a message (control entries, breaches, what cannot be read) is
 * verified by itself.
 *
 * The result is that of `applyEntry` for one entry after another, whoever tampered with what, with one exception: a
 * message that its own author gave a bad signature and then vouched for with a good one. It is shown here, as its author's
 * word, and refused by those who read it alone. Nobody but that author can bring this about, and nobody else's words are
 * touched by it.
 */
import type { Fingerprint, LoggedEntry, LoggedStub } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomEvent } from '../event.ts';
import type { RoomState } from '../state.ts';
import { applyEntry, applyVerifying } from './apply.ts';
import type { Applied } from './step.ts';

type Item = LoggedEntry | LoggedStub;

/** Work that can be put down wherever it pauses. */
type Reading<T> = Generator<undefined, T, undefined>;

/** A message that was taken before its signature was verified. */
interface Unproven {
  readonly hash: string;
  readonly verify: () => boolean;
}

export interface AppliedBacklog extends Applied {
  /** How many of the items were read: reading stops behind an epoch whose key must be fetched, and at a gap. */
  readonly taken: number;
  /** Number of the epoch whose key must be fetched; null when all that was read needs none. */
  readonly wanted: number | null;
}

/** The epoch that this was, when our wrap of it must be fetched. */
function wantedEpoch([event]: readonly RoomEvent[]): number | null {
  return event?.kind === 'epoch' && event.key === 'wanted' ? event.number : null;
}

/** Reads item after item, and pauses after each. */
function* applyEach(
  start: RoomState,
  items: readonly Item[],
  apply: (state: RoomState, item: Item) => Applied,
): Reading<AppliedBacklog> {
  const events: RoomEvent[] = [];
  let state = start;
  let taken = 0;
  for (const item of items) {
    taken += 1;
    if (item.seq <= state.head.seq) continue;
    const applied = apply(state, item);
    events.push(...applied.events);
    const stuck = applied.state === state;
    state = applied.state;
    const wanted = wantedEpoch(applied.events);
    if (wanted !== null) return { state, events, taken, wanted };
    if (stuck) break;
    yield;
  }
  return { state, events, taken, wanted: null };
}

/** The ends of all runs of messages that were taken unverified. */
class Runs {
  readonly #current = new Map<Fingerprint, Unproven>();
  readonly #ended: Unproven[] = [];

  /** @param state the room before the message */
  extend(author: Fingerprint, message: Unproven, state: RoomState): void {
    const before = this.#current.get(author);
    // Taken without a breach, it names the message that was the last one of its author: only that one it vouches for.
    if (before !== undefined && state.authors[author]?.last !== before.hash) this.#ended.push(before);
    this.#current.set(author, message);
  }

  /** Pauses after each check. */
  *verify(): Reading<boolean> {
    for (const message of [...this.#ended, ...this.#current.values()]) {
      if (!message.verify()) return false;
      yield;
    }
    return true;
  }
}

/** A message that is in order in all but its signature is taken, its check put off; anything else is applied as always. */
function applyUnproven(state: RoomState, item: Item, crypto: RoomCrypto, runs: Runs): Applied {
  if (!('entry' in item) || item.entry.type !== 'message') return applyEntry(state, item, crypto);
  const checks: (() => boolean)[] = [];
  const applied = applyVerifying(state, item, crypto, (...signed) => {
    checks.push(() => crypto.verify(...signed));
    return true;
  });
  const [event, ...others] = applied.events;
  if (event?.kind !== 'message' || others.length > 0) return applyEntry(state, item, crypto);
  runs.extend(event.fingerprint, { hash: event.hash, verify: () => checks.every((check) => check()) }, state);
  return applied;
}

/**
 * Applies the entries that follow, and passes over those that were read before. It pauses after every entry and every
 * signature check, about a millisecond each, and nothing of what it found counts before it has returned: whoever may not
 * hold up others calls `next` for as long as they have time, and goes on later.
 *
 * @param items in the order of the log; a few hundred make one signature check an author cheap, and no more is held than that
 */
export function* readBacklog(start: RoomState, items: readonly Item[], crypto: RoomCrypto): Reading<AppliedBacklog> {
  const runs = new Runs();
  const applied = yield* applyEach(start, items, (state, item) => applyUnproven(state, item, crypto, runs));
  if (yield* runs.verify()) return applied;
  return yield* applyEach(start, items, (state, item) => applyEntry(state, item, crypto));
}

/** `readBacklog` at once. */
export function applyBacklog(state: RoomState, items: readonly Item[], crypto: RoomCrypto): AppliedBacklog {
  const reading = readBacklog(state, items, crypto);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}
