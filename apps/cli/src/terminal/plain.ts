/** A console without a terminal: plain lines, nothing hidden, nothing redrawn. */
import { createInterface, type Interface } from 'node:readline';
import type { Console, ReadOptions } from './console.ts';
import { LineQueue } from './line-queue.ts';
import { type LineOutput, printLine } from './print-line.ts';

/** The input is paused while more lines than these wait. */
const maxLinesAhead = 64;

/** A console on plain streams. */
export class PlainConsole implements Console {
  readonly canHide = false;
  readonly #output: LineOutput;
  readonly #input: NodeJS.ReadableStream;
  readonly #editor: Interface;
  readonly #lines = new LineQueue();
  #open = true;

  constructor(input: NodeJS.ReadableStream, output: LineOutput) {
    this.#input = input;
    this.#output = output;
    this.#editor = createInterface({ input, terminal: false });
    this.#editor.on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length > maxLinesAhead) this.#editor.pause();
    });
    this.#editor.on('close', () => {
      this.#open = false;
      this.#lines.end();
    });
  }

  print(text: string): void {
    printLine(this.#output, text);
  }

  async read({ kind, prompt }: ReadOptions): Promise<string | null> {
    if (kind === 'question') this.print(prompt);
    const line = await this.#lines.next();
    if (this.#lines.length === 0 && this.#open) this.#editor.resume();
    return line;
  }

  setPrompt(): void {
    // Without a terminal there is no prompt.
  }

  close(): void {
    this.#editor.close();
    this.#input.pause();
  }
}
