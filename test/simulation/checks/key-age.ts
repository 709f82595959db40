/** How old the keys are under which the messages of a log stand. */
import { type Fingerprint, limits } from '@chat/protocol';
import type { StoredEntry } from '@chat/server-core';
import { fieldsOf } from '../../support/payload-fields.ts';

const hour = 60 * 60 * 1_000;

/** A log, and what its authors know. All times in ms since 1970. */
export interface AgedLog {
  readonly name: string;
  readonly entries: readonly Pick<StoredEntry, 'seq' | 'at' | 'entry'>[];
  /** Returns the times at which an author has read the entry at a position: more than one if a crash has let the client forget it. */
  readAt(author: Fingerprint, seq: number): readonly number[];
  /** What a key may be older than an author lets it become, in ms. */
  readonly slackMs: number;
}

/**
 * Returns a sentence for each message that stands under a key which is too old. A key that is first used when it is old serves for as long
 * as one whose time has just passed, and each author counts from when they know of it: who was away for days may use it once more.
 */
export function keyFaults({ name, entries, readAt, slackMs }: AgedLog): readonly string[] {
  let [freshAt, freshSeq, oldAt] = [0, 0, 0];
  return entries.flatMap(({ seq, at, entry }) => {
    if (entry.type === 'epoch' && fieldsOf(entry.payload).kind === 'fresh') [freshAt, freshSeq] = [at, seq];
    else if (seq === freshSeq + 1) oldAt = Math.max(freshAt, at - limits.freshKeyAge) + limits.lastKeyAge;
    if (entry.type !== 'message' || fieldsOf(entry.payload).head.seq <= freshSeq) return [];
    const knownAt = readAt(entry.by, freshSeq).findLast((time) => time <= at) ?? 0;
    const isOld = at > Math.max(oldAt, knownAt + limits.lastKeyAge) + slackMs;
    return isOld ? [`${name}: the message at ${seq} is under a key that is ${(at - freshAt) / hour} hours old`] : [];
  });
}
