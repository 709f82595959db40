/** A full screen on an emulated terminal, on which a test presses keys. */
import { PassThrough, Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { Emulator } from '@chat/testkit/emulator';
import { completionOf } from '../../src/conversation/complete-line.ts';
import { Conversation } from '../../src/conversation/conversation.ts';
import { enterLine, isMessage } from '../../src/conversation/enter-line.ts';
import { FullScreen } from '../../src/full-screen/full-screen.ts';
import { colours } from '../../src/screen/palette.ts';
import { Keyboard } from '../../src/terminal/keyboard.ts';
import { Prompt } from '../../src/terminal/prompt.ts';
import type { FakeClient } from './fake-client.ts';
import { FakeClock } from './fakes.ts';
import { settled } from './typing.ts';

/** Options of `openFullScreen`. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
  readonly knowsGraphemes?: boolean;
}

/** The keys, as terminals send them. */
export const keys = {
  enter: '\r',
  altEnter: '\u001b\r',
  tab: '\t',
  up: '\u001b[A',
  left: '\u001b[D',
  backspace: '\u007f',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  nextRoom: '\u001b[1;3B',
  previousRoom: '\u001b[1;3A',
  f1: '\u001bOP',
  unreadRoom: '\u001ba',
  pasted: (text: string) => `\u001b[200~${text}\u001b[201~`,
} as const;

/** The terminal as the program sees it. */
class EmulatedOutput extends Writable {
  readonly isTTY = true;
  readonly emulator: Emulator;
  columns: number;
  rows: number;
  /** What the emulator has to obey first. */
  #obeyed: Promise<void> = Promise.resolve();

  constructor(size: ScreenSize) {
    super({ decodeStrings: false });
    this.emulator = new Emulator(size);
    ({ columns: this.columns, rows: this.rows } = size);
  }

  override _write(text: string, _encoding: BufferEncoding, done: () => void): void {
    this.#obeyed = this.emulator.write(text);
    done();
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#obeyed;
    this.emulator.resize(columns, rows);
    Object.assign(this, { columns, rows });
    this.emit('resize');
  }

  obeyed(): Promise<void> {
    return this.#obeyed;
  }
}

/** Opens a full screen for a client, without a room. */
export async function openFullScreen(client: FakeClient, size: ScreenSize = { columns: 100, rows: 16 }) {
  const clock = new FakeClock();
  const output = new EmulatedOutput(size);
  const source = Object.assign(new PassThrough(), { isRaw: false, setRawMode: () => source });
  const raw: boolean[] = [];
  source.setRawMode = ((mode: boolean) => raw.push(mode)) as unknown as () => typeof source;
  let interrupts = 0;
  const screen = new FullScreen({
    ...{ client, clock, palette: colours, colours: 8 as const },
    keyboard: new Keyboard(source as unknown as ReadStream),
    output: output as never,
    interrupted: () => {
      interrupts += 1;
    },
  });
  const conversation = new Conversation({ client, clock, palette: colours, display: screen });
  screen.begin(conversation);
  const prompt = new Prompt(() => screen);

  const run = async (): Promise<void> => {
    for (;;) {
      const line = await screen.read({
        ...{ kind: 'compose', prompt: '> ' },
        erased: (typed) => conversation.roomName !== null && isMessage(typed),
        complete: (typed) => completionOf(conversation, typed),
      });
      if (line === null) return;
      await enterLine(conversation, line, (question) => prompt.ask(question));
    }
  };
  const ended = run();

  /** Resolves when all that is due has happened, and the terminal shows it. */
  const shown = async (): Promise<readonly string[]> => {
    for (let turn = 0; turn < 8; turn += 1) {
      await settled();
      clock.advance(40);
    }
    await output.obeyed();
    return output.emulator.lines;
  };
  return {
    ...{ screen, conversation, clock, output, emulator: output.emulator, ended, shown, raw },
    interrupts: () => interrupts,
    /** Presses keys, and returns what the terminal shows then. */
    press: (...pressed: readonly string[]) => {
      for (const key of pressed) source.write(key);
      return shown();
    },
    resize: async (columns: number, rows: number) => {
      await output.resize(columns, rows);
      return shown();
    },
  };
}
