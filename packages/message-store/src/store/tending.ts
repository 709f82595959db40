/** How a store writes segments anew: to merge them, and to erase what is not kept any more. */
import type { PlacedMessage } from '../message.ts';
import type { StreamPart } from '../segment/directory.ts';
import type { SegmentName, SegmentReader } from '../segment/segment-reader.ts';
import { isKept, isWhole, type Kept, keptOf } from './alive.ts';
import { segmentsToMerge } from './levels.ts';
import type { ReadProblem, SegmentReads } from './segment-reads.ts';
import type { SegmentSet } from './segment-set.ts';
import { maxSamePlace } from './store-options.ts';

/** The store that is tended. */
export interface Tended {
  readonly segments: SegmentSet;
  readonly reads: SegmentReads;
  /** Returns what is kept now. */
  kept(): Kept;
  /** Lets other work go on. */
  turn(): Promise<void>;
  /** True once the store is closed: what runs ends. */
  isClosed(): boolean;
  /** Called when the state has changed. */
  changed(): void;
}

/**
 * Merges the segments that are next. Those that could not be read stay as they are: a backup may bring back their files.
 *
 * @returns false if there is nothing to merge
 * @throws Error of the system
 */
export async function mergeNext(tended: Tended): Promise<boolean> {
  const { segments, reads } = tended;
  const old = segmentsToMerge(segments.names.filter((name) => !reads.hasFailed(name)));
  if (old === null) return false;
  const messages: PlacedMessage[] = [];
  for (const name of old) {
    const read = await readKept(tended, name);
    if (tended.isClosed() || read.problem !== null) return true;
    for (const message of read.messages) messages.push(message);
  }
  await replace(tended, old, messages);
  return true;
}

/**
 * Writes all segments anew that have messages which are not kept. One that fails does not keep the others from it.
 *
 * @returns false if there are messages still that are not kept
 */
export async function eraseFromSegments(tended: Tended): Promise<boolean> {
  let isDone = true;
  for (const name of tended.segments.names) {
    if (tended.isClosed()) return false;
    const isErased = await eraseFrom(tended, name).catch(() => false);
    isDone &&= isErased;
  }
  return isDone;
}

async function eraseFrom(tended: Tended, name: SegmentName): Promise<boolean> {
  const { segments, reads } = tended;
  const known = keptOf(tended.kept(), name);
  if (known === 'all') return true;
  // Nothing in it is needed, so it need not be readable.
  if (known === 'nothing') {
    await replace(tended, [name], []);
    return true;
  }
  const segment = segments.reader(name);
  const parts = await reads.attempt(segment, () => segment.parts());
  if ('problem' in parts) {
    // Without its directory no block can be found: it opens nothing, but an attacker may have kept what it was before.
    if (parts.problem === 'damaged') await replace(tended, [name], []);
    return parts.problem !== 'unreadable';
  }
  const kept = tended.kept();
  const isAllKept = parts.value.every((part) => isWhole(kept, part));
  if (isAllKept && !(await hasStale(tended, segment, parts.value))) return true;
  const { messages, problem } = await readKept(tended, name, true);
  if (tended.isClosed()) return false;
  if (problem === null) await replace(tended, [name], messages);
  return problem !== 'unreadable';
}

/** Returns whether a segment has stale copies, or whether it has cannot be read. */
async function hasStale({ reads, kept }: Tended, segment: SegmentReader, parts: readonly StreamPart[]) {
  for (const part of parts) {
    const marked = [...(kept().get(part.stream)?.stale?.keys() ?? [])];
    for (const seq of marked.filter((each) => each >= part.firstSeq && each <= part.lastSeq)) {
      const read = await reads.attempt(segment, () => segment.page(part, { after: seq - 1 }, maxSamePlace));
      if ('problem' in read) return true;
      if (read.value.some((copy) => copy.seq === seq && !isKept(kept(), copy))) return true;
    }
  }
  return false;
}

/** What is kept of a segment, and why it could not be read to the end. */
interface KeptMessages {
  readonly messages: readonly PlacedMessage[];
  readonly problem: ReadProblem | null;
}

/** @param leavesOut true to go on after a block that is damaged: its messages are lost */
async function readKept(tended: Tended, name: SegmentName, leavesOut = false): Promise<KeptMessages> {
  const { segments, reads, turn, isClosed } = tended;
  const kept = tended.kept();
  const messages: PlacedMessage[] = [];
  const segment = segments.reader(name);
  const count = await reads.attempt(segment, () => segment.messageBlocks());
  if ('problem' in count) return { messages, problem: count.problem };
  for (let index = 0; index < count.value && !isClosed(); index += 1) {
    const block = await reads.attempt(segment, () => segment.messagesIn(index));
    if ('value' in block) for (const message of block.value) if (isKept(kept, message)) messages.push(message);
    if ('problem' in block && !(leavesOut && block.problem === 'damaged')) return { messages, problem: block.problem };
    await turn();
  }
  return { messages, problem: null };
}

async function replace({ segments, changed }: Tended, old: readonly SegmentName[], messages: readonly PlacedMessage[]) {
  segments.replace(old, await segments.write(messages));
  changed();
}
