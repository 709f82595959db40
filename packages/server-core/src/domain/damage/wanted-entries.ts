/** The positions of one room whose rows were found damaged, and which a member may give back. */
import type { CheckedEntry } from './log-check.ts';

/** Positions that are remembered. Those beyond are found again when they are read after a repair. */
const maxPositions = 1_024;

/** Returns whether the store has lost this entry. A message that was deleted on purpose is not wanted. */
export const isDamaged = (item: CheckedEntry): boolean => !('entry' in item) && item.cause === 'damaged';

/** The damaged positions of one room. */
export class WantedEntries {
  readonly #positions = new Set<number>();

  /** In the order in which they were found. */
  get positions(): readonly number[] {
    return [...this.#positions];
  }

  has(seq: number): boolean {
    return this.#positions.has(seq);
  }

  /** Takes what was read. Returns the damaged positions that were not known. */
  note(items: readonly CheckedEntry[]): readonly number[] {
    const found = items.filter((item) => isDamaged(item) && !this.#positions.has(item.seq)).map(({ seq }) => seq);
    const taken = found.slice(0, maxPositions - this.#positions.size);
    for (const seq of taken) this.#positions.add(seq);
    return taken;
  }

  /** To be called when the row at this position is sound again. */
  repaired(seq: number): void {
    this.#positions.delete(seq);
  }
}
