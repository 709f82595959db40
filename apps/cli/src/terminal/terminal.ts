/** A line editor at the bottom of the terminal's scrollback. Text is printed above the line that the user is typing. */
import {
  type CompleterResult,
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  type Key,
  moveCursor,
} from 'node:readline';
import type { WriteStream } from 'node:tty';
import { commonBeginning, listOf } from './completing.ts';
import type { Console, ReadOptions } from './console.ts';
import type { Keyboard } from './keyboard.ts';
import { LineQueue } from './line-queue.ts';
import { MutableOutput } from './mutable-output.ts';
import { pasteMode, withLineFeeds } from './paste.ts';
import { printLine } from './print-line.ts';

/** Options of `Terminal`. */
export interface TerminalOptions {
  readonly keyboard: Keyboard;
  readonly output: WriteStream;
  /** Called at Ctrl-C. */
  readonly interrupted: () => void;
}

/** A console on a terminal. */
export class Terminal implements Console {
  readonly canHide = true;
  readonly #keyboard: Keyboard;
  readonly #output: WriteStream;
  readonly #echo: MutableOutput;
  readonly #editor: Interface;
  readonly #lines = new LineQueue();
  /** The pending read; null when there is none. Keys that are typed then are not shown. */
  #reading: ReadOptions | null = null;
  #open = true;

  constructor({ keyboard, output, interrupted }: TerminalOptions) {
    this.#keyboard = keyboard;
    this.#output = output;
    this.#echo = new MutableOutput(output);
    const completer = (typed: string): CompleterResult => this.#complete(typed);
    this.#editor = createInterface({ input: keyboard, output: this.#echo, terminal: true, prompt: '', completer });
    this.#editor.on('line', (line) => this.#entered(line));
    this.#editor.on('history', (history) => {
      // The history contains composed lines only, never a password or the answer to a question.
      if (this.#reading?.kind !== 'compose') history.shift();
    });
    keyboard.on('keypress', (_, { meta, name }: Key) => {
      if (meta === true && name === 'a') this.#reading?.jump?.();
    });
    this.#editor.on('SIGINT', interrupted);
    this.#editor.on('SIGTSTP', () => this.#suspend());
    this.#editor.on('close', () => {
      this.#reading = null;
      this.#open = false;
      this.#lines.end();
    });
    output.write(pasteMode.on);
  }

  /** Prints a block of lines above the line that the user is typing, and draws that line again. */
  print(text: string): void {
    const rows = this.#reading?.kind === 'secret' ? 0 : this.#editor.getCursorPos().rows;
    if (this.#reading !== null) this.#erase(rows);
    printLine(this.#output, text);
    if (this.#reading?.kind === 'secret') this.#output.write(this.#reading.prompt);
    else if (this.#reading !== null) this.#draw(rows);
  }

  async read(options: ReadOptions): Promise<string | null> {
    if (this.#lines.length > 0) return this.#typedAhead(options);
    if (!this.#open) return null;
    this.#reading = options;
    if (options.kind === 'secret') {
      this.#output.write(options.prompt);
    } else {
      const { rows } = this.#editor.getCursorPos();
      this.#echo.muted = false;
      this.#editor.setPrompt(options.prompt);
      this.#draw(rows);
    }
    const line = await this.#lines.next();
    if (options.kind === 'secret' || line === null) this.#output.write('\n');
    return line === null ? null : withLineFeeds(line);
  }

  setPrompt(prompt: string): void {
    if (this.#reading?.kind !== 'compose') return;
    const { rows } = this.#editor.getCursorPos();
    this.#erase(rows);
    this.#editor.setPrompt(prompt);
    this.#draw(rows);
  }

  /** Restores the terminal. No more lines are read; text is still printed. */
  close(): void {
    this.#editor.close();
    this.#output.write(pasteMode.off);
    this.#echo.release();
    this.#keyboard.release();
  }

  /** Ctrl-Z stops the whole process group, as a terminal does. Otherwise a package manager above us kept the foreground. */
  #suspend(): void {
    this.#output.write(pasteMode.off);
    this.#keyboard.setRawMode(false);
    process.once('SIGCONT', () => {
      this.#keyboard.setRawMode(true);
      this.#output.write(pasteMode.on);
      this.#editor.prompt(true);
    });
    process.kill(0, 'SIGTSTP');
  }

  /** Returns a line that was typed before the read, and shows it as if it was typed now. */
  async #typedAhead({ kind, prompt }: ReadOptions): Promise<string | null> {
    const line = await this.#lines.next();
    this.#output.write(`${prompt}${kind === 'secret' ? '' : (line ?? '')}\n`);
    return line === null ? null : withLineFeeds(line);
  }

  /** Returns what stands in place of the end of the line. Prints the candidates if they do not agree on the next character. */
  #complete(typed: string): CompleterResult {
    const found = this.#reading?.complete?.(typed) ?? null;
    if (found === null) return [[`${typed}\t`], typed];
    const { part, candidates } = found;
    const common = commonBeginning(candidates);
    if (common.length > part.length) return [[common], part];
    if (candidates.length > 1) this.print(listOf(candidates));
    return [[], typed];
  }

  #entered(line: string): void {
    const read = this.#reading;
    this.#reading = null;
    this.#echo.muted = true;
    if (read?.erased?.(line) === true) {
      // The cursor is in the row below. With the whole line as the prompt, the editor counts its rows.
      this.#editor.setPrompt(this.#editor.getPrompt() + line);
      this.#erase(this.#editor.getCursorPos().rows + 1);
    }
    this.#editor.setPrompt('');
    this.#lines.push(line);
  }

  #erase(rows: number): void {
    if (rows > 0) moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }

  /** Draws the line. The editor first moves up by the rows that it has drawn before, so these rows are added. */
  #draw(rows: number): void {
    this.#output.write('\n'.repeat(rows));
    this.#editor.prompt(true);
  }
}
