/** Lays out what the user types: rows of the terminal, and where its cursor stands. */
import { sanitise } from '@chat/safe-text';
import { cellsOf, graphemesOf, type Line, widthOf } from '@chat/terminal-screen';
import type { Draft } from './draft.ts';

/** What the user types, as it is drawn. */
export interface ComposerRows {
  readonly rows: readonly Line[];
  /** The row and the column of the cursor, from 0. */
  readonly cursor: { readonly row: number; readonly column: number };
}

/** Options of `composerRows`. */
export interface ComposerOptions {
  /** Stands before the text; safe to print. */
  readonly prompt: string;
  readonly draft: Draft;
  /** True if no character of the text is shown. */
  readonly isSecret: boolean;
  readonly width: number;
  readonly maxRows: number;
}

/** What the terminal shows of a letter: something that it does not obey, in at least one cell. */
function shownAs(grapheme: string): string {
  const safe = grapheme === '\t' ? ' ' : sanitise(grapheme);
  return widthOf(safe) === 0 ? '\u00b7' : safe;
}

/** The further lines of a text begin with so many spaces, below its first letter. */
const indent = '  ';

/** Rows that fill up from the left. */
class Flow {
  readonly rows: string[] = [''];
  readonly #width: number;
  #column = 0;

  constructor(width: number) {
    this.#width = width;
  }

  put(text: string): void {
    for (const grapheme of graphemesOf(text)) {
      if (grapheme === '\n') this.#begin(indent);
      else this.#putLetter(shownAs(grapheme));
    }
  }

  /** Returns where the next letter stands. Behind a full row that is in a new one. */
  place(): ComposerRows['cursor'] {
    if (this.#column >= this.#width) this.#begin('');
    return { row: this.rows.length - 1, column: this.#column };
  }

  #putLetter(letter: string): void {
    const cells = widthOf(letter);
    if (this.#column + cells > this.#width) this.#begin('');
    this.rows[this.rows.length - 1] += letter;
    this.#column += cells;
  }

  #begin(row: string): void {
    this.rows.push(row);
    this.#column = row.length;
  }
}

/** Returns the rows of what the user types. Of more rows than there is place for, it returns those that end at the cursor. */
export function composerRows({ prompt, draft, isSecret, width, maxRows }: ComposerOptions): ComposerRows {
  const flow = new Flow(width);
  flow.put(prompt);
  if (!isSecret) flow.put(draft.before);
  const { row, column } = flow.place();
  if (!isSecret) flow.put(draft.after);
  const first = Math.max(0, row - maxRows + 1);
  const shown = flow.rows.slice(first, first + maxRows);
  return { rows: shown.map((text) => cellsOf(text, width)), cursor: { row: row - first, column } };
}
