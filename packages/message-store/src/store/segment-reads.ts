/** Reading of several segments: leaves out those that cannot be read, and begins again when one was replaced meanwhile. */
import { MessageStoreError, type MessageStoreErrorCode } from '../errors.ts';
import type { SegmentName, SegmentReader } from '../segment/segment-reader.ts';
import type { SegmentSet } from './segment-set.ts';
import type { FileTrouble } from './store-options.ts';

/** Why a segment cannot be read. */
export type ReadProblem = Exclude<MessageStoreErrorCode, 'invalid-argument'>;

/** What a reading has found. */
export type Reading<T> = { readonly value: T } | { readonly problem: ReadProblem };

/** Reads from a segment; null if it cannot be read, or was replaced. */
export type ReadOrNull = <T>(segment: SegmentReader, work: () => Promise<T>) => Promise<T | null>;

function problemOf(error: unknown): ReadProblem {
  if (error instanceof MessageStoreError && error.code !== 'invalid-argument') return error.code;
  throw error;
}

/** Readings of the segments of one store. */
export class SegmentReads {
  readonly #segments: SegmentSet;
  readonly #report: (trouble: FileTrouble) => void;
  /** The files that could not be read in this run. */
  readonly #failed = new Set<string>();

  /** @param report called once for each segment that cannot be read */
  constructor(segments: SegmentSet, report: (trouble: FileTrouble) => void) {
    this.#segments = segments;
    this.#report = report;
  }

  /** Returns whether a segment could not be read in this run. */
  hasFailed({ file }: SegmentName): boolean {
    return this.#failed.has(file);
  }

  /**
   * Reads from one segment.
   *
   * @throws Error of the system if it lacks what any reading needs
   */
  async attempt<T>({ name }: SegmentReader, work: () => Promise<T>): Promise<Reading<T>> {
    try {
      return { value: await work() };
    } catch (error) {
      const problem = problemOf(error);
      // The file of a segment that was replaced meanwhile is gone, and that is no problem of it.
      if (this.#segments.has(name) && !this.#failed.has(name.file)) {
        this.#failed.add(name.file);
        this.#report(problem === 'unreadable' ? 'unreadable' : 'damaged');
      }
      return { problem };
    }
  }

  /** Reads from one segment; null if it cannot be read, or was replaced. */
  async orNull<T>(segment: SegmentReader, work: () => Promise<T>): Promise<T | null> {
    const reading = await this.attempt(segment, work);
    return 'value' in reading ? reading.value : null;
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
