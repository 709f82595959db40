/** Applies many entries at once, with one signature check for each author's run of messages instead of one for each message. */
import { type Fingerprint, stubsFrom } from '@chat/protocol';
import type { RoomCrypto, Signed } from '../crypto.ts';
import { isReadMessage, type RoomEvent } from '../event.ts';
import type { RoomState } from '../state.ts';
import { applyEntry, applyVerifying, isSigned, type Judge, type LogItem } from './apply.ts';
import { EventList } from './gap.ts';
import type { Applied } from './step.ts';

/**
 * Work that the caller can interrupt wherever it yields. When it yields a promise, the caller MUST wait for it, and pass its value to
 * `next`.
 */
export type Interruptible<T> = Generator<Promise<boolean> | undefined, T, boolean | undefined>;

/** A message that has been applied before its signature has been verified. */
interface Unverified {
  readonly hash: string;
  readonly signed: () => Signed;
}

/** Signatures that are checked at once, off the main thread. More would keep the files of the client waiting. */
const checksAtOnce = 16;

/** The result of applying a backlog. */
export interface AppliedBacklog extends Applied {
  /** Number of items that were read. Reading stops after an epoch whose wrap must be fetched, and at an item that was not taken. */
  readonly taken: number;
  /** Number of the epoch whose wrap must be fetched; null when there is none. */
  readonly wantedEpoch: number | null;
  /** True when an item was not taken into the state, so that nothing after it can be placed. */
  readonly stopped: boolean;
  /** The log hashes after the entries that were read, by position. The state has the latest ones only. */
  readonly logHashes: ReadonlyMap<number, string>;
}

/** Returns the number of the epoch that these events announce when the own wrap of it must be fetched, else null. */
function wantedEpochOf([event]: readonly RoomEvent[]): number | null {
  return event?.kind === 'epoch' && event.key === 'wanted' ? event.number : null;
}

/** Returns the part of an item that has not been read; null when all of it has. */
function unreadPart(item: LogItem, { head }: RoomState): LogItem | null {
  if ('hashes' in item) return stubsFrom(item, head.seq + 1);
  return item.seq > head.seq ? item : null;
}

/** Applies item after item, and yields after each. */
function* applyEach(
  start: RoomState,
  items: readonly LogItem[],
  apply: (state: RoomState, item: LogItem) => Applied,
): Interruptible<AppliedBacklog> {
  const list = new EventList();
  const { events } = list;
  const logHashes = new Map<number, string>();
  let state = start;
  let taken = 0;
  for (const each of items) {
    taken += 1;
    const item = unreadPart(each, state);
    if (item === null) continue;
    const applied = apply(state, item);
    list.add(applied.events);
    const stopped = applied.state === state;
    state = applied.state;
    if (!stopped && 'entry' in item) logHashes.set(item.seq, state.head.hash);
    const wantedEpoch = wantedEpochOf(applied.events);
    if (wantedEpoch !== null || stopped) return { state, events, taken, wantedEpoch, stopped, logHashes };
    yield;
  }
  return { state, events, taken, wantedEpoch: null, stopped: false, logHashes };
}

/** The checks that entries applied together still need. */
class DeferredChecks {
  /** The last message of each author's run. */
  readonly #current = new Map<Fingerprint, Unverified>();
  readonly #needed: (() => Signed)[] = [];

  /** Adds the check of an entry that no later signature covers. */
  add(signed: () => Signed): void {
    this.#needed.push(signed);
  }

  /**
   * Adds a message to its author's run.
   *
   * @param state the room before the message
   */
  extend(author: Fingerprint, message: Unverified, state: RoomState): void {
    const before = this.#current.get(author);
    // This message names `state.authors.get(author).last`. If that is not the run's last message, this signature does not cover
    // the run, so the run ends.
    if (before !== undefined && state.authors.get(author)?.last !== before.hash) this.add(before.signed);
    this.#current.set(author, message);
  }

  /** Makes all checks, and yields after each one, or for some at once. Returns whether all signatures are valid. */
  *make(crypto: RoomCrypto): Interruptible<boolean> {
    const needed = [...this.#needed, ...[...this.#current.values()].map(({ signed }) => signed)];
    const { verifyAsync } = crypto;
    if (verifyAsync === undefined) {
      for (const signed of needed) {
        if (!isSigned(crypto, signed())) return false;
        yield;
      }
      return true;
    }
    for (let from = 0; from < needed.length; from += checksAtOnce) {
      const checks = needed.slice(from, from + checksAtOnce).map((signed) => verifyAsync(signed()));
      const valid = yield Promise.all(checks).then((results) => results.every((each) => each));
      if (valid !== true) return false;
    }
    return true;
  }
}

/** What the entries of a backlog share while they are read. */
interface Backlog {
  readonly crypto: RoomCrypto;
  readonly checks: DeferredChecks;
}

/** Applies an entry and defers the check of its signature. A message that breaks a rule or cannot be read is checked at once. */
function applyUnverified(state: RoomState, item: LogItem, { crypto, checks }: Backlog): Applied {
  if (!('entry' in item)) return applyEntry(state, item, crypto);
  let unverified: (() => Signed) | null = null;
  const judge: Judge = (signed) => {
    unverified = signed;
    return true;
  };
  const isMessage = item.entry.type === 'message';
  const applied = applyVerifying(state, item, crypto, judge);
  if (unverified === null) return applied;
  if (!isMessage) {
    checks.add(unverified);
    return applied;
  }
  const [event, ...others] = applied.events;
  if (event === undefined || !isReadMessage(event) || others.length > 0) return applyEntry(state, item, crypto);
  checks.extend(event.fingerprint, { hash: event.hash, signed: unverified }, state);
  return applied;
}

/**
 * Applies the entries that follow, and skips those that have been read before. The generator yields after every entry and
 * every signature check, each of about a millisecond, so that a caller can interrupt it for other work. With `crypto.verifyAsync` it
 * yields promises of several checks. The result is valid only once the generator has returned.
 *
 * One signature covers a run because a message's token, which the author signs, contains the entry hash of the author's
 * message before, and an entry hash covers payload (author view included) and signature. So the signature of the last message
 * of an unbroken run covers every byte of the run: neither the server nor another member can change, add, drop or move a
 * message in it. Entries of other types have a check each, which is made at the end too; breaches of messages and unreadable ones are
 * checked at once. If one signature is not valid, everything is read again, one entry after the other.
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
  const checks = new DeferredChecks();
  const backlog = { crypto, checks };
  const applied = yield* applyEach(start, items, (state, item) => applyUnverified(state, item, backlog));
  if (yield* checks.make(crypto)) return applied;
  return yield* applyEach(start, items, (state, item) => applyEntry(state, item, crypto));
}

/** Runs `readBacklog` to its end, with all checks in this thread. */
export function applyBacklog(state: RoomState, items: readonly LogItem[], crypto: RoomCrypto): AppliedBacklog {
  const reading = readBacklog(state, items, { ...crypto, verifyAsync: undefined });
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}
