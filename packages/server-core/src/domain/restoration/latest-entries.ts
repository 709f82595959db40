/** The latest entries of a log, among which one that a member gives back may be already. */
import { limits, parsePayload, type SignedEntry } from '@chat/protocol';
import type { RestorableLog } from './restorable-log.ts';

/** Returns the position after which one of these entries could be on the log already: no entry precedes its author view. */
function firstOf(entries: readonly SignedEntry[], head: number): number {
  let first = head - limits.viewEntries;
  for (const { type, payload } of entries) {
    if (type === 'message') first = Math.min(first, parsePayload('message', payload)?.head.seq ?? head);
  }
  return Math.max(0, head - limits.messageViewEntries, first);
}

/**
 * Returns the hashes of the latest entries, of which one of those that are offered could be one. And the time of the latest of them;
 * 0 for an empty log.
 */
export async function latestOf(
  log: RestorableLog,
  head: number,
  offered: readonly SignedEntry[],
): Promise<{ hashes: Set<string>; latestAt: number }> {
  const hashes = new Set<string>();
  let latestAt = 0;
  for (let seq = firstOf(offered, head); seq < head; ) {
    const page = await log.readPage(seq, head);
    for (const item of page) {
      if (item.hash !== null) hashes.add(item.hash);
      if ('entry' in item) latestAt = item.at;
    }
    seq = page.at(-1)?.seq ?? head;
  }
  return { hashes, latestAt };
}
