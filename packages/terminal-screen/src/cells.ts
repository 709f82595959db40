/** The cells of one row: each has a grapheme and a style. */
import { graphemesOf, isUncertain, widthOf } from './grapheme.ts';
import { spansOf } from './styled-text.ts';

/** One cell of the terminal. */
export interface Cell {
  /** One grapheme; empty in the second cell of a wide one. */
  readonly text: string;
  /** Parameters of SGR; empty for the plain style. */
  readonly style: string;
  /** True if terminals may disagree on the width of the grapheme. */
  readonly uncertain: boolean;
}

/** The cells of single characters, which are most of all. */
const known = new Map<string, Cell>();

function cellOf(text: string, style: string): Cell {
  if (text.length > 1) return { text, style, uncertain: isUncertain(text) };
  const key = `${style} ${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const cell = { text, style, uncertain: text !== '' && isUncertain(text) };
  known.set(key, cell);
  return cell;
}

/** Returns empty cells. */
export const blanks = (count: number, style = ''): readonly Cell[] => new Array<Cell>(count).fill(cellOf(' ', style));

/**
 * Returns a text as exactly `columns` cells: cut between graphemes, or filled with spaces in the style that the text ends with. What fills no
 * cell, such as a control character, is left out.
 *
 * @param text may have control sequences for its style (SGR)
 */
export function cellsOf(text: string, columns: number): readonly Cell[] {
  const cells: Cell[] = [];
  let style = '';
  for (const span of spansOf(text)) {
    style = span.style;
    for (const grapheme of graphemesOf(span.text)) {
      const width = widthOf(grapheme);
      if (cells.length + width > columns) return [...cells, ...blanks(columns - cells.length, style)];
      if (width > 0) cells.push(cellOf(grapheme, style));
      for (let more = 1; more < width; more += 1) cells.push(cellOf('', style));
    }
  }
  return [...cells, ...blanks(columns - cells.length, style)];
}
