/** Applies many entries at once, with one signature check for each author's run of messages instead of one for each message. */
import type { Fingerprint } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomEvent } from '../event.ts';
import type { RoomState } from '../state.ts';
import { applyEntry, applyVerifying, type LogItem } from './apply.ts';
import { addEvents } from './gap.ts';
import type { Applied } from './step.ts';

/** Work that the caller can interrupt wherever it yields. */
type Interruptible<T> = Generator<undefined, T, undefined>;

/** A message that has been applied before its signature has been verified. */
interface Unverified {
  readonly hash: string;
  readonly verify: () => boolean;
}

/** The result of applying a backlog. */
export interface AppliedBacklog extends Applied {
  /** Number of items that were read. Reading stops after an epoch whose wrap must be fetched, and at an item that was not taken. */
  readonly taken: number;
  /** Number of the epoch whose wrap must be fetched; null when there is none. */
  readonly wantedEpoch: number | null;
  /** True when an item was not taken into the state, so that nothing after it can be placed. */
  readonly stopped: boolean;
}

/** Returns the number of the epoch that these events announce when the own wrap of it must be fetched, else null. */
function wantedEpochOf([event]: readonly RoomEvent[]): number | null {
  return event?.kind === 'epoch' && event.key === 'wanted' ? event.number : null;
}

/** Applies item after item, and yields after each. */
function* applyEach(
  start: RoomState,
  items: readonly LogItem[],
  apply: (state: RoomState, item: LogItem) => Applied,
): Interruptible<AppliedBacklog> {
  const events: RoomEvent[] = [];
  let state = start;
  let taken = 0;
  for (const item of items) {
    taken += 1;
    if (item.seq <= state.head.seq) continue;
    const applied = apply(state, item);
    addEvents(events, applied.events);
    const stopped = applied.state === state;
    state = applied.state;
    const wantedEpoch = wantedEpochOf(applied.events);
    if (wantedEpoch !== null || stopped) return { state, events, taken, wantedEpoch, stopped };
    yield;
  }
  return { state, events, taken, wantedEpoch: null, stopped: false };
}

/** The last messages of all runs that have been applied without a signature check. */
class MessageRuns {
  readonly #current = new Map<Fingerprint, Unverified>();
  readonly #ended: Unverified[] = [];

  /**
   * Adds a message to its author's run.
   *
   * @param state the room before the message
   */
  extend(author: Fingerprint, message: Unverified, state: RoomState): void {
    const before = this.#current.get(author);
    // This message names `state.authors[author].last`. If that is not the run's last message, this signature does not cover
    // the run, so the run ends.
    if (before !== undefined && state.authors[author]?.last !== before.hash) this.#ended.push(before);
    this.#current.set(author, message);
  }

  /** Verifies all runs, and yields after each check. */
  *verify(): Interruptible<boolean> {
    for (const message of [...this.#ended, ...this.#current.values()]) {
      if (!message.verify()) return false;
      yield;
    }
    return true;
  }
}

/** Applies a message that breaks no rule and defers its signature check; applies any other item with its check. */
function applyUnverified(state: RoomState, item: LogItem, crypto: RoomCrypto, runs: MessageRuns): Applied {
  if (!('entry' in item) || item.entry.type !== 'message') return applyEntry(state, item, crypto);
  const checks: (() => boolean)[] = [];
  const applied = applyVerifying(state, item, crypto, (check) => {
    checks.push(check);
    return true;
  });
  const [event, ...others] = applied.events;
  if (event?.kind !== 'message' || others.length > 0) return applyEntry(state, item, crypto);
  runs.extend(event.fingerprint, { hash: event.hash, verify: () => checks.every((check) => check()) }, state);
  return applied;
}

/**
 * Applies the entries that follow, and skips those that have been read before. The generator yields after every entry and
 * every signature check, each of about a millisecond, so that a caller can interrupt it for other work. The result is valid
 * only once the generator has returned.
 *
 * One signature covers a run because a message's token, which the author signs, contains the entry hash of the author's
 * message before, and an entry hash covers payload (author view included) and signature. So the signature of the last message
 * of an unbroken run covers every byte of the run: neither the server nor another member can change, add, drop or move a
 * message in it. Entries of other types, breaches and unreadable messages are verified one by one.
 *
 * The result is that of `applyEntry` for one entry after another, with one exception: a message that its author first gave an
 * invalid signature and then covered with a valid one. It is shown here as its author's message, while members that read it
 * alone reject it. Only that author can cause this, and only for messages of their own.
 *
 * @param items entries and stubs in the order of the log. A few hundred suffice to make one signature check for each author
 * cheap; all of them are held in memory
 */
export function* readBacklog(
  start: RoomState,
  items: readonly LogItem[],
  crypto: RoomCrypto,
): Interruptible<AppliedBacklog> {
  const runs = new MessageRuns();
  const applied = yield* applyEach(start, items, (state, item) => applyUnverified(state, item, crypto, runs));
  if (yield* runs.verify()) return applied;
  return yield* applyEach(start, items, (state, item) => applyEntry(state, item, crypto));
}

/** Runs `readBacklog` to its end. */
export function applyBacklog(state: RoomState, items: readonly LogItem[], crypto: RoomCrypto): AppliedBacklog {
  const reading = readBacklog(state, items, crypto);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}
