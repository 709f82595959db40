/** What differs between the rows that a terminal shows and those that it is to show. */
import type { Cell } from './cells.ts';
import type { Pen } from './pen.ts';

/** Cells beside each other. A line that is drawn again should be the same object, which needs no comparison. */
export type Line = readonly Cell[];

/** One row of the terminal: lines beside each other. */
export type Row = readonly Line[];

/** Equal cells between two differences that are written again, because to move the cursor over them takes more. */
const maxWrittenAgain = 4;

const isSame = (a: Cell | undefined, b: Cell | undefined): boolean =>
  a === b || (a?.text === b?.text && a?.style === b?.style);

const isBlank = (cell: Cell | undefined): boolean => cell?.text === ' ' && cell.style === '';

/** Returns the column from which on a row is empty. */
function endOf(row: Line): number {
  let end = row.length;
  while (end > 0 && isBlank(row[end - 1])) end -= 1;
  return end;
}

/** Returns the column after the differences that are written at once with that in column `from`. */
function endOfRun(before: Line, after: Line, from: number): number {
  let end = from;
  for (let column = from; column < after.length && column <= end + maxWrittenAgain; column += 1) {
    if (isSame(before[column], after[column])) continue;
    // The terminal may draw over the cells behind this letter, so they are all written again.
    if (after[column]?.uncertain === true) return after.length;
    end = column + 1;
  }
  // A wide letter is written whole.
  while (after[end]?.text === '') end += 1;
  return end;
}

/** Writes what differs in one row. */
export function writeDifference(pen: Pen, row: number, before: Row, after: Row): void {
  if (before.length === after.length && after.every((line, at) => line === before[at])) return;
  writeCells(pen, row, before.flat(), after.flat());
}

function writeCells(pen: Pen, row: number, before: Line, after: Line): void {
  const end = endOf(after);
  for (let column = 0; column < after.length; column += 1) {
    if (isSame(before[column], after[column])) continue;
    if (column >= end) {
      pen.clearFrom(row, column);
      return;
    }
    const until = endOfRun(before, after, column);
    // What is empty at the end of the row is cleared with one sequence.
    pen.write(row, after, column, Math.min(until, end));
    column = Math.min(until, end) - 1;
    if (until === after.length && end < after.length) {
      pen.clearFrom(row, end);
      return;
    }
  }
}
