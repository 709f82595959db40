/** Prints lines on an output, laid out if it is a terminal. */
import { layOut } from '../text/layout.ts';

/**
 * DECAWM off and on. Terminals differ in the width of some characters. While the mode is off, a row that is wider than this
 * program computes is cut at the edge and does not continue at the left edge of the next row.
 */
const autoWrap = { off: '\u001b[?7l', on: '\u001b[?7h' } as const;

/** The columns of a terminal that does not report its size. */
export const assumedColumns = 80;

/** Where lines are printed. A terminal has `isTTY` and its number of `columns`. */
export interface LineOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Prints lines, separated by line feeds. */
export function printLine(output: LineOutput, text: string): void {
  if (output.isTTY !== true) output.write(`${text}\n`);
  else output.write(`${autoWrap.off}${layOut(text, output.columns || assumedColumns)}\n${autoWrap.on}`);
}
