/** Writes frames to a terminal: only what differs from what it shows, as one string a frame. */
import { blanks } from './cells.ts';
import type { ColourDepth } from './colour.ts';
import { type Row, writeDifference } from './difference.ts';
import { Pen } from './pen.ts';
import { clearScreen, cursor, cursorAt, scrolled, together } from './sequences.ts';

/** A part of the screen. */
export interface Pane {
  /** The first row, from 0. */
  readonly top: number;
  /** The row after the last one. */
  readonly bottom: number;
  /** Which of the lines of each row, from 0. */
  readonly line: number;
}

/** All that a terminal is to show. */
export interface Frame {
  /** The rows from above, each as wide as the terminal. */
  readonly rows: readonly Row[];
  /** Where the cursor stands; null hides it. */
  readonly cursor: { readonly row: number; readonly column: number } | null;
  /** The part whose lines move up and down; null when there is none. */
  readonly moving: Pane | null;
}

/** Returns by how many rows the lines of a pane have moved up, or down if negative, so that most are the same; 0 if none are. */
function movedBy(before: readonly Row[], after: readonly Row[], { top, bottom, line }: Pane): number {
  const sameLines = (by: number): number => {
    let count = 0;
    for (let row = Math.max(top, top - by); row < Math.min(bottom, bottom - by); row += 1) {
      if (before[row + by]?.[line] === after[row]?.[line]) count += 1;
    }
    return count;
  };
  let [best, most] = [0, sameLines(0)];
  for (let by = 1; by < bottom - top; by += 1) {
    for (const each of [by, -by]) {
      const count = sameLines(each);
      if (count > most) [best, most] = [each, count];
    }
  }
  return best;
}

/** Returns the rows after those of a pane have moved up by some rows. They move in the whole width of the terminal. */
function rowsMoved(rows: readonly Row[], { top, bottom }: Pane, by: number): readonly Row[] {
  return rows.map((row, at) => {
    if (at < top || at >= bottom) return row;
    const from = at + by;
    return (from >= top && from < bottom ? rows[from] : undefined) ?? [blanks(widthOf(row))];
  });
}

/** Draws frames on one terminal. */
export class ScreenWriter {
  readonly #depth: ColourDepth;
  /** What the terminal shows; null if that is not known. */
  #shown: Frame | null = null;

  constructor(depth: ColourDepth) {
    this.#depth = depth;
  }

  /** Lets the next frame be written whole, as after the terminal was resized, or another program has used it. */
  forget(): void {
    this.#shown = null;
  }

  /** Returns what makes the terminal show a frame; empty if it shows it. */
  draw(frame: Frame): string {
    const shown = this.#shown;
    this.#shown = frame;
    const isKnown = shown !== null && isOfSize(shown, frame);
    const written = isKnown ? this.#change(shown.rows, frame) : clearScreen + this.#difference(emptyRows(frame), frame);
    if (written === '' && isKnown && isSameCursor(shown, frame)) return '';
    const { cursor: at } = frame;
    const end = at === null ? '' : `${cursorAt(at.row, at.column)}${cursor.show}`;
    return `${together.begin}${cursor.hide}${written}${end}${together.end}`;
  }

  /** Returns the shorter way from one frame to the next: by what differs, or by moving rows first. */
  #change(before: readonly Row[], frame: Frame): string {
    const written = this.#difference(before, frame);
    const { moving } = frame;
    const by = written === '' || moving === null ? 0 : movedBy(before, frame.rows, moving);
    if (moving === null || by === 0) return written;
    const moved = scrolled(moving.top, moving.bottom, by) + this.#difference(rowsMoved(before, moving, by), frame);
    return moved.length < written.length ? moved : written;
  }

  #difference(before: readonly Row[], { rows }: Frame): string {
    const pen = new Pen(this.#depth);
    for (const [at, row] of rows.entries()) writeDifference(pen, at, before[at] ?? [], row);
    return pen.end();
  }
}

const widthOf = (row: Row): number => row.reduce((sum, line) => sum + line.length, 0);

const emptyRows = ({ rows }: Frame): readonly Row[] => rows.map((row) => [blanks(widthOf(row))]);

const isOfSize = (a: Frame, b: Frame): boolean =>
  a.rows.length === b.rows.length && widthOf(a.rows[0] ?? []) === widthOf(b.rows[0] ?? []);

const isSameCursor = ({ cursor: a }: Frame, { cursor: b }: Frame): boolean =>
  a?.row === b?.row && a?.column === b?.column;
