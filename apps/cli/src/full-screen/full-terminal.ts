/** The terminal while the full screen has it: the alternate screen, raw keys, and the way back, whatever ends the program. */
import { emitKeypressEvents, type Key } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { type ColourDepth, type Frame, modes, ScreenWriter } from '@chat/terminal-screen';
import type { Keyboard } from '../terminal/keyboard.ts';
import { pasteMode } from '../terminal/paste.ts';

/** The parts of a terminal's output that the full screen uses. */
export type ScreenOutput = Pick<WriteStream, 'columns' | 'rows' | 'write' | 'on' | 'off'>;

/** Options of `FullTerminal`. */
export interface FullTerminalOptions {
  readonly keyboard: Pick<Keyboard, 'on' | 'off' | 'setRawMode' | 'release'> & NodeJS.ReadableStream;
  readonly output: ScreenOutput;
  readonly colours: ColourDepth;
  /** Called for each key; `text` is undefined for a key that is no letter. */
  pressed(text: string | undefined, key: Key): void;
  /** Called when the whole screen is to be drawn again. */
  lost(): void;
}

/** The size of a terminal that does not report it. */
const assumed = { columns: 80, rows: 24 } as const;

/** A terminal that shows frames. */
export class FullTerminal {
  readonly #options: FullTerminalOptions;
  readonly #writer: ScreenWriter;
  /** The frame that waits until the terminal has taken the one before; null when there is none. */
  #waiting: Frame | null = null;
  #isBusy = false;
  #isOpen = true;

  constructor(options: FullTerminalOptions) {
    this.#options = options;
    this.#writer = new ScreenWriter(options.colours);
    const { keyboard, output } = options;
    emitKeypressEvents(keyboard);
    keyboard.on('keypress', options.pressed);
    output.on('resize', this.#drawAll);
    output.on('drain', this.#drained);
    process.on('SIGCONT', this.#resume);
    // Also when an error or a second signal ends the process.
    process.on('exit', this.#leave);
    this.#enter();
    keyboard.resume();
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#options.output;
    return { columns: columns || assumed.columns, rows: rows || assumed.rows };
  }

  /** Shows a frame. If the terminal is slow, it shows the latest of several frames. */
  show(frame: Frame): void {
    if (!this.#isOpen) return;
    if (this.#isBusy) {
      this.#waiting = frame;
      return;
    }
    const written = this.#writer.draw(frame);
    if (written !== '') this.#isBusy = !this.#options.output.write(written);
  }

  /** Lets the next frame be drawn whole. */
  forget(): void {
    this.#writer.forget();
  }

  /** Stops the whole process group, as a terminal does at Ctrl-Z, so that a package manager above this program does not keep the foreground. */
  suspend(): void {
    this.#leave();
    process.kill(0, 'SIGTSTP');
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.#isOpen) return;
    const { keyboard, output, pressed } = this.#options;
    this.#leave();
    this.#isOpen = false;
    keyboard.off('keypress', pressed);
    output.off('resize', this.#drawAll);
    output.off('drain', this.#drained);
    process.off('SIGCONT', this.#resume);
    process.off('exit', this.#leave);
    keyboard.release();
  }

  #enter(): void {
    this.#options.keyboard.setRawMode(true);
    this.#options.output.write(modes.on + pasteMode.on);
  }

  readonly #leave = (): void => {
    this.#options.output.write(pasteMode.off + modes.off);
    this.#options.keyboard.setRawMode(false);
  };

  readonly #resume = (): void => {
    this.#enter();
    this.#drawAll();
  };

  readonly #drawAll = (): void => {
    this.forget();
    this.#options.lost();
  };

  readonly #drained = (): void => {
    this.#isBusy = false;
    const frame = this.#waiting;
    this.#waiting = null;
    if (frame !== null) this.show(frame);
  };
}
