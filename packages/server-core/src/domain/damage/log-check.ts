/**
 * Compares stored entries with their stored hashes, so that no damaged one is served: members would accuse its author. The
 * log hash after an entry, which follows from the log hash before it, covers position, type and entry hash.
 */
import {
  decodePayload,
  type EntryType,
  emptyLogHash,
  entryHash,
  entryTypes,
  type LoggedGap,
  nextLogHash,
  type RoomId,
} from '@chat/protocol';
import type { DeletedMessage, RoomStore, StoredEntry } from '../../ports/room-store.ts';
import type { DamageLog } from './damage-log.ts';

/** A sound entry, or what is known of one that is damaged or was deleted. */
export type CheckedEntry = StoredEntry | LoggedGap;

/** What is wrong with a row. */
export type Damage =
  /** The entry differs from its hashes. It is not served. */
  | 'entry'
  /** The entry is sound, and one of its stored hashes is not. It is served. */
  | 'hash'
  /** There is no row. */
  | 'missing';

/** Checks the entries of one log, one after another. */
export class LogCheck {
  readonly #report: (seq: number, damage: Damage) => void;
  /** The log hash before the next entry. There are two when it is unclear whether the stored or the computed one is right. */
  #before: readonly string[];

  /**
   * @param before the log hash before the first entry to check; null when its row is missing
   * @param report called for every damaged row
   */
  constructor(before: string | null, report: (seq: number, damage: Damage) => void) {
    this.#before = before === null ? [] : [before];
    this.#report = report;
  }

  /** Returns the entry, or a gap when it is damaged or was deleted. */
  check(stored: StoredEntry | DeletedMessage): CheckedEntry {
    return 'entry' in stored ? this.#checkEntry(stored) : this.#checkDeleted(stored);
  }

  /** Returns a gap for a position that has no row. */
  missing(seq: number): LoggedGap {
    this.#before = [];
    this.#report(seq, 'missing');
    return { seq, hash: null, type: null, cause: 'damaged' };
  }

  /** Nothing but the log hash confirms the entry hash of a deleted message. */
  #checkDeleted({ seq, hash, logHash }: DeletedMessage): LoggedGap {
    const place = { seq, type: 'message', hash } as const;
    const isConfirmed = this.#before.length === 0 || this.#leadsTo(logHash, place);
    if (!isConfirmed) this.#report(seq, 'hash');
    this.#before = isConfirmed ? [logHash] : [logHash, ...this.#next(place)];
    return isConfirmed
      ? { seq, hash, type: 'message', cause: 'expired' }
      : { seq, hash: null, type: null, cause: 'damaged' };
  }

  #checkEntry(stored: StoredEntry): CheckedEntry {
    const { seq, hash, logHash, entry } = stored;
    const computed = entryHashOf(stored);
    if (computed !== null && this.#leadsTo(logHash, { seq, type: entry.type, hash: computed })) {
      this.#before = [logHash];
      if (computed !== hash) this.#report(seq, 'hash');
      return { ...stored, hash: computed };
    }
    // A type of another spelling, or of another entry, is damage of the entry: the hash before it does not cover the type.
    if (computed === hash && typeOf(stored) === entry.type) {
      // One of two log hashes is damaged: the one before, or this one. After a missing row there is none to compare with.
      if (this.#before.length > 0) this.#report(seq, 'hash');
      this.#before = [logHash, ...this.#next({ seq, type: entry.type, hash })];
      return stored;
    }
    this.#report(seq, 'entry');
    const type = entryTypes.find((each) => this.#leadsTo(logHash, { seq, type: each, hash })) ?? null;
    this.#before = [logHash];
    // A hash that no log hash confirms would lead readers to another log hash than the other members have.
    return { seq, hash: type === null ? null : hash, type, cause: 'damaged' };
  }

  #next(place: { readonly seq: number; readonly type: EntryType; readonly hash: string }): string[] {
    return this.#before.flatMap((before) => logHashOf(before, place) ?? []);
  }

  #leadsTo(logHash: string, place: { readonly seq: number; readonly type: EntryType; readonly hash: string }): boolean {
    return this.#next(place).includes(logHash);
  }
}

/** Size of a page that is read from the store. */
const maxPageEntries = 256;
const maxPageBytes = 256 * 1024;

/**
 * Reads the entries after a position, up to and including `last`: at most 256, about 256 KiB of payload, and at least one. In
 * place of a damaged, missing or deleted entry stands a gap.
 */
export async function readCheckedPage(
  roomId: RoomId,
  { after, last }: { readonly after: number; readonly last: number },
  { store, damage }: { readonly store: Pick<RoomStore, 'read' | 'logHashes'>; readonly damage: DamageLog },
): Promise<readonly CheckedEntry[]> {
  const [page, [before]] = await Promise.all([
    store.read(roomId, after, Math.min(maxPageEntries, last - after), maxPageBytes),
    store.logHashes(roomId, after - 1, 1),
  ]);
  const logHash = after === 0 ? emptyLogHash(roomId) : (before ?? null);
  const check = new LogCheck(logHash, (seq, damaged) => damage.report({ room: roomId, seq, damaged }));
  const items: CheckedEntry[] = [];
  for (const stored of page.filter(({ seq }) => seq <= last)) {
    while (after + items.length + 1 < stored.seq) items.push(check.missing(after + items.length + 1));
    items.push(check.check(stored));
  }
  return items.length === 0 && after < last ? [check.missing(after + 1)] : items;
}

/** Reads the entries of a range as `readCheckedPage` does, all of them. */
export async function readCheckedRange(
  roomId: RoomId,
  { after, last }: { readonly after: number; readonly last: number },
  options: Parameters<typeof readCheckedPage>[2],
): Promise<readonly CheckedEntry[]> {
  const entries: CheckedEntry[] = [];
  for (let seq = after; seq < last; seq = entries.at(-1)?.seq ?? last) {
    entries.push(...(await readCheckedPage(roomId, { after: seq, last }, options)));
  }
  return entries;
}

/** Returns null for fields that have no hash: they are not even of the right form. */
function entryHashOf({ entry }: StoredEntry): string | null {
  // Upper case has the same bytes and is not the form on the wire.
  if (entry.by !== entry.by.toLowerCase()) return null;
  try {
    return entryHash(entry);
  } catch {
    return null;
  }
}

function logHashOf(...[before, place]: Parameters<typeof nextLogHash>): string | null {
  try {
    return nextLogHash(before, place);
  } catch {
    return null;
  }
}

/** Returns the type that the signed payload names; null when it has none. */
function typeOf({ entry }: StoredEntry): string | null {
  const payload = decodePayload(entry.payload);
  if (typeof payload !== 'object' || payload === null || !('type' in payload)) return null;
  return typeof payload.type === 'string' ? payload.type : null;
}
