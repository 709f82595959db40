/** Copies of messages that an edit or a deletion has made stale: they are not read any more, and are to be erased from the files. */
import { z } from 'zod';
import type { KeptMessage, PlacedMessage } from './message.ts';

const count = z.int().min(0);

/** The schema of `StaleMark`. */
export const staleMarkSchema = z.strictObject({
  stream: count,
  seq: count,
  hash: z.string(),
  /** Copies without this edit or a later one are stale; null: all that are not deleted. */
  edit: count.nullable(),
});
/** Says which copies of a message are stale. */
export interface StaleMark extends z.infer<typeof staleMarkSchema> {}

/** The marks of one stream by position. */
export type StaleMarks = ReadonlyMap<number, readonly StaleMark[]>;

/** Returns whether a copy is stale. */
export function isStale(marks: StaleMarks | undefined, copy: KeptMessage): boolean {
  if (copy.deleted !== undefined) return false;
  const found = marks?.get(copy.seq)?.find(({ hash }) => hash === copy.hash);
  return found !== undefined && (found.edit === null || (copy.edited?.seq ?? 0) < found.edit);
}

/** Returns the mark for the copies of a message that lack what has changed its text; null if nothing has. */
function markFor({ stream, seq, hash, edited, deleted }: PlacedMessage): StaleMark | null {
  if (hash === undefined || (edited === undefined && deleted === undefined)) return null;
  return { stream, seq, hash, edit: deleted === undefined ? (edited?.seq ?? 0) : null };
}

/** The marks of one store. */
export class StaleCopies {
  readonly #streams = new Map<number, Map<number, readonly StaleMark[]>>();

  constructor(stored: readonly StaleMark[]) {
    for (const mark of stored) this.#put(mark);
  }

  /** What is to be stored. */
  get stored(): readonly StaleMark[] {
    return [...this.#streams.values()].flatMap((marks) => [...marks.values()].flat());
  }

  /** Returns the marks of a stream. */
  of(stream: number): StaleMarks | undefined {
    return this.#streams.get(stream);
  }

  /** Marks the copies of a message that lack its changes. Returns false if its text was never changed. */
  add(message: PlacedMessage): boolean {
    const mark = markFor(message);
    if (mark !== null) this.#put(mark);
    return mark !== null;
  }

  /** Drops these marks, unless a later one has taken the place: no file has such copies any more. */
  drop(marks: readonly StaleMark[]): void {
    const gone = new Set(marks);
    for (const [stream, bySeq] of this.#streams) {
      for (const [seq, own] of bySeq) {
        const rest = own.filter((mark) => !gone.has(mark));
        if (rest.length === 0) bySeq.delete(seq);
        else bySeq.set(seq, rest);
      }
      if (bySeq.size === 0) this.#streams.delete(stream);
    }
  }

  #put(mark: StaleMark): void {
    const bySeq = this.#streams.get(mark.stream) ?? new Map<number, readonly StaleMark[]>();
    const others = (bySeq.get(mark.seq) ?? []).filter(({ hash }) => hash !== mark.hash);
    bySeq.set(mark.seq, [...others, mark]);
    this.#streams.set(mark.stream, bySeq);
  }
}
