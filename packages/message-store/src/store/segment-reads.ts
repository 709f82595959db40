/** Reading of several segments: leaves out damaged ones, and begins again when one was replaced meanwhile. */
import { MessageStoreError } from '../errors.ts';
import type { SegmentName, SegmentReader } from '../segment/segment-reader.ts';
import type { SegmentSet } from './segment-set.ts';

const isDamage = (error: unknown): boolean => error instanceof MessageStoreError && error.code === 'damaged';

/** Reads from a segment; null if it is damaged, or was replaced. */
export type ReadOrNull = <T>(segment: SegmentReader, work: () => Promise<T>) => Promise<T | null>;

/** Readings of the segments of one store. */
export class SegmentReads {
  readonly #segments: SegmentSet;
  readonly #report: () => void;
  readonly #damaged = new Set<string>();

  /** @param report called once for each segment that is damaged */
  constructor(segments: SegmentSet, report: () => void) {
    this.#segments = segments;
    this.#report = report;
  }

  /** Returns whether a segment was found to be damaged. */
  isDamaged({ file }: SegmentName): boolean {
    return this.#damaged.has(file);
  }

  /** Reads from one segment; null if it is damaged, or was replaced. */
  async orNull<T>({ name }: SegmentReader, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      // The file of a segment that was replaced meanwhile is gone, and no damage.
      if (this.#segments.has(name) && !this.#damaged.has(name.file)) {
        this.#damaged.add(name.file);
        this.#report();
      }
      return null;
    }
  }

  /** Runs a reading, and again when a segment that it has read from was replaced before its end. */
  async whole<T>(read: (orNull: ReadOrNull) => Promise<T>): Promise<T> {
    for (;;) {
      const touched: SegmentName[] = [];
      const result = await read((segment, work) => {
        touched.push(segment.name);
        return this.orNull(segment, work);
      });
      if (touched.every((name) => this.#segments.has(name))) return result;
    }
  }
}
