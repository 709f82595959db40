/** A terminal without a window: what a program writes becomes cells, as in a real one. */
import graphemes from '@xterm/addon-unicode-graphemes';
import xterm, { type IBufferCell } from '@xterm/headless';

/** One cell, as a user sees it. */
export interface EmulatedCell {
  /** Empty in the second cell of a wide letter. */
  readonly text: string;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isInverse: boolean;
  /** The number of one of the 256 colours, or red, green and blue as one number; null for the terminal's own. */
  readonly colour: number | null;
}

function cellOf(cell: IBufferCell): EmulatedCell {
  return {
    text: cell.getWidth() === 0 ? '' : cell.getChars() || ' ',
    isBold: cell.isBold() !== 0,
    isDim: cell.isDim() !== 0,
    isInverse: cell.isInverse() !== 0,
    colour: cell.isFgDefault() ? null : cell.getFgColor(),
  };
}

/** Options of `Emulator`. */
export interface EmulatorOptions {
  readonly columns: number;
  readonly rows: number;
  /** False for a terminal that takes each character of an emoji for a letter, with the widths of Unicode 6. Default: true. */
  readonly knowsGraphemes?: boolean;
}

/** An emulated terminal. */
export class Emulator {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;

  constructor({ columns, rows, knowsGraphemes = true }: EmulatorOptions) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    if (!knowsGraphemes) return;
    this.#terminal.loadAddon(new graphemes.UnicodeGraphemesAddon());
  }

  /** Resolves when the terminal has obeyed the text. */
  write(text: string): Promise<void> {
    // The emulator does not answer for an empty text.
    return text === '' ? Promise.resolve() : new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** Returns the cells of each row. */
  get cells(): readonly (readonly EmulatedCell[])[] {
    const { cols, rows, buffer } = this.#terminal;
    return Array.from({ length: rows }, (_, row) => {
      const line = buffer.active.getLine(buffer.active.viewportY + row);
      return Array.from({ length: cols }, (__, column) => {
        const cell = line?.getCell(column);
        if (cell === undefined) throw new Error(`The terminal has no cell ${row}, ${column}.`);
        return cellOf(cell);
      });
    });
  }

  /** Returns the text of each row, without spaces at its end. */
  get lines(): readonly string[] {
    return this.cells.map((row) =>
      row
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  }

  /** The row and the column of the cursor, from 0. */
  get cursor(): { readonly row: number; readonly column: number } {
    const { cursorY, cursorX } = this.#terminal.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  /** True while the program uses the alternate screen. */
  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }
}
