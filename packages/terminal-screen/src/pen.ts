/** Writes cells, and remembers where the terminal's cursor stands and in which style it writes. */
import type { Cell } from './cells.ts';
import { type ColourDepth, reduced } from './colour.ts';
import { clearRow, columnAt, cursorAt, styleAfter } from './sequences.ts';

/** Collects what is written to the terminal in one frame. */
export class Pen {
  readonly #depth: ColourDepth;
  #written = '';
  #row: number | null = null;
  /** Null if terminals may disagree on where the cursor is. */
  #column: number | null = null;
  #style = '';

  constructor(depth: ColourDepth) {
    this.#depth = depth;
  }

  /** Returns what was written, in the plain style at its end. */
  end(): string {
    this.#use('');
    return this.#written;
  }

  /** Writes the cells of a row in the given columns. */
  write(row: number, cells: readonly Cell[], from: number, to: number): void {
    for (let column = from; column < to; column += 1) {
      const cell = cells[column];
      if (cell === undefined || cell.text === '') continue;
      const width = cells[column + 1]?.text === '' ? 2 : 1;
      this.#moveTo(row, column);
      this.#use(cell.style);
      if (cell.uncertain) {
        // Nothing of before stays beside a letter that the terminal makes narrower, and what follows stands where it belongs.
        this.#written += `${' '.repeat(width)}${columnAt(column)}${cell.text}`;
        this.#column = null;
      } else {
        this.#written += cell.text;
        this.#column = column + width;
      }
    }
  }

  /** Clears a row from a column on. */
  clearFrom(row: number, column: number): void {
    this.#moveTo(row, column);
    this.#use('');
    this.#written += clearRow;
  }

  #moveTo(row: number, column: number): void {
    if (row !== this.#row) this.#written += cursorAt(row, column);
    else if (column !== this.#column) this.#written += columnAt(column);
    this.#row = row;
    this.#column = column;
  }

  #use(style: string): void {
    const wanted = reduced(style, this.#depth);
    if (wanted !== this.#style) this.#written += styleAfter(this.#style, wanted);
    this.#style = wanted;
  }
}
