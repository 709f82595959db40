/** When segments are merged: eight of one size become one, so that a message is written a few times and a search looks into few files. */
import type { SegmentName } from '../segment/segment-reader.ts';

/** Segments of one level that are merged. */
const mergedSegments = 8;
/** What the smallest segments have: the tail is written when it has so many messages or bytes. */
export const tailLimits = { count: 64, bytes: 32 * 1024 } as const;
/** A merged segment is not larger: making it takes memory, and the bytes are written anew when one message of it is erased. */
const maxCount = 65_536;
const maxBytes = 32 * 1024 * 1024;
/** Segments of this level are not merged any more. */
const topLevel = 3;

const levelOf = ({ count, bytes }: SegmentName): number => {
  const size = Math.max(count / tailLimits.count, bytes / (4 * tailLimits.bytes), 1);
  return Math.min(topLevel, Math.floor(Math.log(size) / Math.log(mergedSegments)));
};

/**
 * Returns the segments to merge next, the oldest of their level; null if there are none.
 *
 * @param segments the oldest first
 */
export function segmentsToMerge(segments: readonly SegmentName[]): readonly SegmentName[] | null {
  for (let level = 0; level < topLevel; level += 1) {
    const same = segments.filter((segment) => levelOf(segment) === level);
    if (same.length < mergedSegments) continue;
    let count = 0;
    let bytes = 0;
    const fitting = same.slice(0, mergedSegments).filter((segment) => {
      count += segment.count;
      bytes += segment.bytes;
      return count <= maxCount && bytes <= maxBytes;
    });
    if (fitting.length > 1) return fitting;
  }
  return null;
}
