/** What a store does by itself: merges segments, and erases what is not kept any more. */
import type { PlacedMessage } from '../message.ts';
import type { SegmentName } from '../segment/segment-reader.ts';
import { isKept, isWhole, type KeptPart } from './alive.ts';
import { segmentsToMerge } from './levels.ts';
import type { SegmentReads } from './segment-reads.ts';
import type { SegmentSet } from './segment-set.ts';

/** The store that is tended. */
export interface Tended {
  readonly segments: SegmentSet;
  readonly reads: SegmentReads;
  /** Returns what is kept now. */
  kept(): ReadonlyMap<number, KeptPart>;
  /** Lets other work go on. */
  turn(): Promise<void>;
  /** True once the store is closed: what runs ends. */
  isClosed(): boolean;
  /** Called when the state has changed. */
  changed(): void;
}

/** Merges segments until none are left to be merged. */
export async function mergeSegments(tended: Tended): Promise<void> {
  const { segments, reads, isClosed } = tended;
  while (!isClosed()) {
    const old = segmentsToMerge(segments.names.filter((name) => !reads.isDamaged(name)));
    if (old === null) return;
    await rewrite(tended, old);
  }
}

/** Writes all segments anew that have messages which are not kept. */
export async function eraseFromSegments(tended: Tended): Promise<void> {
  const { segments, reads, kept, isClosed } = tended;
  for (const name of segments.names) {
    if (isClosed()) return;
    const segment = segments.reader(name);
    const parts = (await reads.orNull(segment, () => segment.parts())) ?? [];
    const now = kept();
    if (parts.some((part) => !isWhole(now, part))) await rewrite(tended, [name]);
  }
}

/** Puts one segment in place of some, with those of their messages that are kept. Those of a damaged one stay as they are. */
async function rewrite(tended: Tended, old: readonly SegmentName[]): Promise<void> {
  const { segments, reads, turn, isClosed, changed } = tended;
  const kept = tended.kept();
  const messages: PlacedMessage[] = [];
  for (const name of old) {
    const segment = segments.reader(name);
    const isRead = await reads.orNull(segment, async () => {
      for await (const block of segment.all()) {
        for (const message of block) if (isKept(kept, message)) messages.push(message);
        await turn();
      }
      return true;
    });
    if (isRead === null || isClosed()) return;
  }
  segments.replace(old, await segments.write(messages));
  changed();
}
