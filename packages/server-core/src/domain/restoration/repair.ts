/**
 * Rows that are damaged in the store: a member who has kept the entry gives it back. No rule has to be checked again, because only the
 * entry itself leads from the log hash before it to the one after it.
 */
import { emptyLogHash, entryHash, type LoggedEntry, nextLogHash } from '@chat/protocol';
import type { RoomStore, StoredEntry } from '../../ports/room-store.ts';
import type { CheckedEntry } from '../damage/log-check.ts';
import { isDamaged } from '../damage/wanted-entries.ts';
import type { RestorableLog } from './restorable-log.ts';

/**
 * Returns the row for an entry at a damaged position.
 *
 * @returns `sound` if the position is not damaged, `refused` if this is not the entry that was there
 */
export async function repairedRow(
  log: RestorableLog,
  store: Pick<RoomStore, 'logHashes'>,
  { seq, at, entry }: LoggedEntry,
): Promise<StoredEntry | 'sound' | 'refused'> {
  const head = log.state?.head ?? 0;
  const items = await log.readPage(seq - 1, Math.min(head, seq + 1));
  const item = items.find((each) => each.seq === seq);
  if (item === undefined || !isDamaged(item)) return 'sound';
  const [before] = seq === 1 ? [emptyLogHash(log.id)] : await store.logHashes(log.id, seq - 2, 1);
  // Where the row is missing this is the log hash of a later one, to which no entry at this position leads.
  const [stored] = await store.logHashes(log.id, seq - 1, 1);
  if (before === undefined) return 'refused';
  const hash = entryHash(entry);
  const logHash = nextLogHash(before, { seq, type: entry.type, hash });
  const next = items.find((each) => each.seq === seq + 1);
  return logHash === stored || follows(logHash, next) ? { seq, at, hash, logHash, entry } : 'refused';
}

/** Returns whether the next entry follows a log hash by its own one. */
function follows(logHash: string, next: CheckedEntry | undefined): boolean {
  if (next === undefined || !('entry' in next)) return false;
  const { seq, hash, entry } = next;
  return nextLogHash(logHash, { seq, type: entry.type, hash }) === next.logHash;
}
