/** A full screen whose clock stands in the hands of the benchmark, and whose terminal only counts. */
import type { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { type ClientEvent, defaultAttention, type RoomView } from '@chat/client';
import type { Client } from '../../../apps/cli/src/client-surface.ts';
import { Conversation } from '../../../apps/cli/src/conversation/conversation.ts';
import { FullScreen, type FullScreenOptions } from '../../../apps/cli/src/full-screen/full-screen.ts';
import { colours } from '../../../apps/cli/src/screen/palette.ts';
import { Keyboard } from '../../../apps/cli/src/terminal/keyboard.ts';
import { range } from '../fanout/loads/load.ts';

const fingerprint = 'ab'.repeat(32);
const authors = 20;
const words = 'the server stores every message before it says that it has it and no other member reads more than that';

/** Returns a text of 20 to 100 characters. */
const textOf = (seq: number): string => words.slice(0, 20 + ((seq * 37) % 81));

const room: RoomView = {
  ...{ roomId: 'id', roomName: 'lobby', policy: { join: 'open', history: 'since-join' }, peer: null },
  members: range(0, authors).map((index) => ({
    ...{ user: `user${index}`, fingerprint, role: 'member', online: index % 3 > 0, heardAt: null },
    ...{ hub: index === 0, me: index === 1, verified: index % 2 === 0 },
  })),
  ...{ unread: { count: 0, mentions: 0, first: null }, notify: null },
  ...{ connected: authors, invited: [], epoch: 7, hasKey: true, rekeying: false, caughtUp: true },
  ...{ removed: false, deleted: false, denied: false, leaving: false, left: false, unsent: 0, latest: null },
};
const rooms: readonly RoomView[] = [room, ...range(1, 12).map((index) => ({ ...room, roomName: `room${index}` }))];

/** A full screen that is measured. */
export class MeasuredScreen {
  /** What was written to the terminal. */
  bytes = 0;
  frames = 0;
  readonly #keys: PassThrough;
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  #screen: FullScreen | null = null;
  #now = Date.UTC(2026, 0, 1);
  #timers: readonly { readonly at: number; run(): void }[] = [];
  #next = 1;
  #answered: (() => void) | null = null;

  private constructor(keys: PassThrough) {
    this.#keys = keys;
  }

  /** Opens a screen with messages in the view. */
  static async open(
    size: { readonly columns: number; readonly rows: number },
    messages: number,
    keys: PassThrough,
  ): Promise<MeasuredScreen> {
    const measured = new MeasuredScreen(keys);
    await measured.#start(size, messages);
    return measured;
  }

  /** Lets one message arrive. */
  receive(): void {
    const seq = this.#next;
    this.#next += 1;
    const event = { kind: 'message', seq, at: this.#now, epoch: 7, fingerprint, hash: fingerprint } as const;
    const user = `user${seq % authors}`;
    const whole = { kind: 'room', roomId: room.roomId, roomName: room.roomName, mine: false, live: true } as const;
    for (const listener of this.#listeners) listener({ ...whole, event: { ...event, user, text: textOf(seq) } });
  }

  /** Moves the clock, and runs what is due. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }

  /** Presses a key. Resolves when the answer is written. */
  press(key: string): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#keys.write(key);
    });
  }

  close(): void {
    this.#screen?.close();
  }

  async #start(size: { readonly columns: number; readonly rows: number }, messages: number): Promise<void> {
    const kept = range(1, messages + 1).map((seq) => ({
      ...{ seq, at: this.#now, user: `user${seq % authors}`, fingerprint, text: textOf(seq) },
    }));
    this.#next = messages + 1;
    const client = {
      ...{ user: 'user1', fingerprint, online: true, refusal: null, rooms: () => rooms, room: () => room },
      ...{ changedIdentities: () => [], lookAlike: () => null, messages: { page: async () => kept } },
      attention: { settings: defaultAttention, markRead: async () => undefined, change: async () => undefined },
      subscribe: (listener: (event: ClientEvent) => void) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    } as unknown as Client;
    const clock = { now: () => this.#now, after: (ms: number, run: () => void) => this.#after(ms, run) };
    const source = Object.assign(this.#keys, { setRawMode: () => undefined });
    const screen = new FullScreen({
      ...{ client, clock, palette: colours, colours: 8 },
      keyboard: new Keyboard(source as unknown as ReadStream),
      output: this.#output(size) as unknown as FullScreenOptions['output'],
      interrupted: () => undefined,
    });
    this.#screen = screen;
    const conversation = new Conversation({ client, clock, palette: colours, display: screen });
    screen.begin(conversation);
    void screen.read({ kind: 'compose', prompt: '> ' });
    await conversation.enter(room);
    this.advance(1000);
  }

  /** What is to happen at once happens as in the program, so that keys are measured with it. */
  #after(ms: number, run: () => void): () => void {
    if (ms <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    const timer = { at: this.#now + ms, run };
    this.#timers = [...this.#timers, timer];
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  #output(size: { readonly columns: number; readonly rows: number }) {
    return {
      ...{ ...size, isTTY: true, on: () => undefined, off: () => undefined },
      write: (text: string) => {
        this.bytes += Buffer.byteLength(text);
        this.frames += 1;
        this.#answered?.();
        this.#answered = null;
        return true;
      },
    };
  }
}
