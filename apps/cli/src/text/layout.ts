/**
 * Lays text out for a screen by display width. A line that is too long continues in rows that begin with a mark, so a message
 * cannot place a row at the left edge that looks like a line of another user or of this program.
 */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Begins each further row of a line, and each further line of a message. */
export const continuationMark = '      \u2502 ';
/** The mark on a screen too narrow for the other one. */
const narrowMark = '\u2502 ';
const narrowColumns = 32;
/** Rows are never laid out for less, so that each of them has room for text. */
const minColumns = 8;

/** Spaces at the start of a row, behind the control sequences of its style. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a control sequence
const spacesAtStart = /^((?:\u001b\[[\d;]*m)*) +/;

const tab = '    ';

/**
 * Returns the text in rows of at most `columns` cells. Breaks lines at spaces where it can. Tabs become four spaces. Control
 * sequences for colours stay, and count as empty.
 */
export function layOut(text: string, columns: number): string {
  const width = Math.max(columns, minColumns);
  const mark = width < narrowColumns ? narrowMark : continuationMark;
  return text
    .replaceAll('\t', tab)
    .split('\n')
    .map((line) => layOutLine(line, width, mark))
    .join('\n');
}

function layOutLine(line: string, columns: number, mark: string): string {
  if (stringWidth(line) <= columns) return line;
  const isMarked = line.startsWith(continuationMark);
  const text = isMarked ? line.slice(continuationMark.length) : line;
  const [first = '', ...rows] = wrapAnsi(text, columns - stringWidth(mark), { hard: true, trim: false }).split('\n');
  const further = rows.map((row) => row.replace(spacesAtStart, '$1').trimEnd()).filter((row) => stringWidth(row) > 0);
  return [(isMarked ? mark : '') + first.trimEnd(), ...further.map((row) => mark + row)].join('\n');
}
