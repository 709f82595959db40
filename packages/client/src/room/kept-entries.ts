/** Puts the entries that were read into the archive, and looks up the log hashes of what was read. */
import { emptyLogHash } from '@chat/protocol';
import type { LogItem, RoomState } from '@chat/room';
import type { EntryArchive, KeptEntry } from '../entry-archive.ts';

/** What was read in one step. */
export interface ReadItems {
  readonly before: RoomState;
  readonly after: RoomState;
  /** What led from one state to the other, and possibly more. */
  readonly items: readonly LogItem[];
}

/** Returns the log hash that a state has for a position; null for old positions and those that were not read. */
export function hashAt({ room, head, recentHashes }: RoomState, seq: number): string | null {
  if (seq === 0) return emptyLogHash(room);
  return recentHashes[recentHashes.length - 1 - (head.seq - seq)] ?? null;
}

/**
 * Keeps the entries among `items` that led from one state to the other. A stub cannot be given back, so it leaves a hole.
 */
export function keepEntries(archive: EntryArchive, { before, after, items }: ReadItems): void {
  const kept: KeptEntry[] = [];
  for (const item of items) {
    const isRead = item.seq > before.head.seq && item.seq <= after.head.seq;
    const logHash = isRead && 'entry' in item ? hashAt(after, item.seq) : null;
    if (logHash !== null && 'entry' in item) kept.push({ seq: item.seq, at: item.at, entry: item.entry, logHash });
  }
  if (kept.length > 0) archive.keep(after.room, kept);
}
