/** A line editor at the bottom of the terminal's own scrollback: what comes in is printed above what is being typed. */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { WriteStream } from 'node:tty';
import type { Console, ReadOptions } from './console.ts';
import type { Keyboard } from './keyboard.ts';
import { LineQueue } from './line-queue.ts';
import { Shutter } from './mutable-output.ts';
import { pasteMode, withLineFeeds } from './paste.ts';

export interface TerminalOptions {
  readonly keyboard: Keyboard;
  readonly output: WriteStream;
  /** Called at Ctrl-C. */
  readonly interrupted: () => void;
}

export class Terminal implements Console {
  readonly canHide = true;
  readonly #keyboard: Keyboard;
  readonly #output: WriteStream;
  readonly #shutter: Shutter;
  readonly #editor: Interface;
  readonly #lines = new LineQueue();
  /** What is asked now; null while nobody reads. What is typed then waits unseen. */
  #reading: ReadOptions | null = null;
  #open = true;

  constructor({ keyboard, output, interrupted }: TerminalOptions) {
    this.#keyboard = keyboard;
    this.#output = output;
    this.#shutter = new Shutter(output);
    this.#editor = createInterface({ input: keyboard, output: this.#shutter, terminal: true, prompt: '' });
    this.#editor.on('line', (line) => this.#entered(line));
    this.#editor.on('history', (history) => {
      // Only what was said can be called back, never a password or the answer to a question.
      if (this.#reading?.kind !== 'compose') history.shift();
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

  /** Writes a block of text above the line that is being typed, which stays as it is. */
  print(text: string): void {
    const rows = this.#reading?.kind === 'secret' ? 0 : this.#editor.getCursorPos().rows;
    if (this.#reading !== null) this.#erase(rows);
    this.#output.write(`${text}\n`);
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
      this.#shutter.shut = false;
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

  /** Gives the terminal back as it was found. Nothing is read any more; what is printed still appears. */
  close(): void {
    this.#editor.close();
    this.#output.write(pasteMode.off);
    this.#shutter.release();
    this.#keyboard.release();
  }

  /** Ctrl-Z: stops the whole job, as a terminal does. A package manager that started us would else keep the foreground. */
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

  /** A line from before it was asked for: it is shown now, as if it had been typed now. */
  async #typedAhead({ kind, prompt }: ReadOptions): Promise<string | null> {
    const line = await this.#lines.next();
    this.#output.write(`${prompt}${kind === 'secret' ? '' : (line ?? '')}\n`);
    return line === null ? null : withLineFeeds(line);
  }

  #entered(line: string): void {
    const asked = this.#reading;
    this.#reading = null;
    this.#shutter.shut = true;
    if (asked?.erased?.(line) === true) {
      // The editor has gone to the row below; with all of it as the prompt, it knows how many rows there were.
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

  /** The editor first goes up by the rows that it believes to have drawn above its cursor: they are put there. */
  #draw(rows: number): void {
    this.#output.write('\n'.repeat(rows));
    this.#editor.prompt(true);
  }
}
