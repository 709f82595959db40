/** When segments are merged: eight of one size become one, so that a message is written a few times and a search looks into few files. */
import type { SegmentName } from '../segment/segment-reader.ts';

/** Segments of one level that are merged. */
const mergedSegments = 8;
/** What the smallest segments have: the tail is written when it has so many messages or bytes. */
export const tailLimits = { count: 64, bytes: 32 * 1024 } as const;
/** A merged segment is not larger: making it takes memory, and the bytes are written anew when one message of it is erased. */
const largest = { count: 65_536, bytes: 32 * 1024 * 1024 } as const;
/** Segments of lower levels are merged. One of this level is full. */
const levels = 3;

interface Size {
  readonly count: number;
  readonly bytes: number;
}

/** The size in those of the smallest segments. The size of a merged segment is the sum: so eight of one level are of a higher one. */
const sizeOf = ({ count, bytes }: Size): number => count / tailLimits.count + bytes / tailLimits.bytes;

/** One of a lower level than `levels` has less than half of what the largest one has: two of them always fit together. */
const levelOf = (size: Size): number => Math.floor(Math.log(Math.max(sizeOf(size), 1)) / Math.log(mergedSegments));

/** Returns the first segments that together are not larger than the largest one. Of those that are merged, these are two or more. */
function fitting(segments: readonly SegmentName[]): readonly SegmentName[] {
  let count = 0;
  let bytes = 0;
  const next = segments.findIndex((segment) => {
    count += segment.count;
    bytes += segment.bytes;
    return count > largest.count || bytes > largest.bytes;
  });
  return next === -1 ? segments : segments.slice(0, next);
}

/**
 * Returns the segments to merge next, the oldest of their level; null if there are none.
 *
 * @param segments the oldest first
 */
export function segmentsToMerge(segments: readonly SegmentName[]): readonly SegmentName[] | null {
  for (let level = 0; level < levels; level += 1) {
    const same = segments.filter((segment) => levelOf(segment) === level);
    if (same.length >= mergedSegments) return fitting(same.slice(0, mergedSegments));
  }
  return null;
}
