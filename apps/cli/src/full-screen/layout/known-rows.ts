/** The cells of short texts that are drawn again and again: most rows of a frame are those of the frame before. */
import { cellsOf, type Line } from '@chat/terminal-screen';

/** More rows than the largest screen has several times over. */
const maxKnown = 4_000;

/** Remembers the cells of texts. */
export class KnownRows {
  readonly #rows = new Map<string, Line>();

  /** Returns a text as one row of so many cells. */
  of(text: string, columns: number): Line {
    const key = `${columns} ${text}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const cells = cellsOf(text, columns);
    if (this.#rows.size >= maxKnown) this.#rows.clear();
    this.#rows.set(key, cells);
    return cells;
  }
}
