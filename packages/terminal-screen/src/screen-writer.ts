/** Writes frames to a terminal: only what differs from what it shows, as one string a frame. */
import { blanks } from './cells.ts';
import type { ColourDepth } from './colour.ts';
import { isSameBetween, type Row, writeDifference } from './difference.ts';
import { Pen } from './pen.ts';
import { clearScreen, cursor, cursorAt, scrolled, together } from './sequences.ts';

/** A part of the screen: rows and columns from 0, without `bottom` and `right`. */
export interface Pane {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** All that a terminal is to show. */
export interface Frame {
  /** The rows from above, all of the terminal's width. */
  readonly rows: readonly Row[];
  /** Where the cursor stands; null hides it. */
  readonly cursor: { readonly row: number; readonly column: number } | null;
  /** The part whose rows move up and down; null when there is none. */
  readonly moving: Pane | null;
}

/** Returns by how many rows the content of a pane has moved up, or down if negative, so that most rows are the same; 0 if none are. */
function movedBy(before: readonly Row[], after: readonly Row[], { top, bottom, left, right }: Pane): number {
  const sameRows = (by: number): number => {
    let count = 0;
    for (let row = Math.max(top, top - by); row < Math.min(bottom, bottom - by); row += 1) {
      const [from, to] = [before[row + by], after[row]];
      if (from !== undefined && to !== undefined && isSameBetween(from, to, left, right)) count += 1;
    }
    return count;
  };
  let [best, most] = [0, sameRows(0)];
  for (let by = 1; by < bottom - top; by += 1) {
    for (const each of [by, -by]) {
      const count = sameRows(each);
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
    return (from >= top && from < bottom ? rows[from] : undefined) ?? blanks(row.length);
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

const emptyRows = ({ rows }: Frame): readonly Row[] => rows.map((row) => blanks(row.length));

const isOfSize = (a: Frame, b: Frame): boolean =>
  a.rows.length === b.rows.length && a.rows[0]?.length === b.rows[0]?.length;

const isSameCursor = ({ cursor: a }: Frame, { cursor: b }: Frame): boolean =>
  a?.row === b?.row && a?.column === b?.column;
