/** One connection through which somebody is shown an edited log: places are translated in both directions. */
import { encodeFrame, entryHash, FrameDecoder, type RoomId } from '@chat/protocol';
import type { Rewriting } from '../simulated-link.ts';
import type { Item, LogEdit } from './log-edit.ts';

export type Frame = Record<string, unknown>;

/** What a server does to a room's log, for some of its members. */
export interface Deviation {
  readonly room: RoomId;
  readonly edit: LogEdit;
  /** The first position that is not as it is on the true log. */
  readonly from: number;
  /** Set once somebody was shown something that is not so. */
  effective: boolean;
  /** From this position on the log that was shown has another hash than the true one. */
  divergesAt: number;
}

/** Anything else that is done to single frames. */
export interface FrameRewriting {
  toClient?(frame: Frame, asked: Frame | undefined): readonly Frame[];
  /** What goes on to the server, and what is answered in its place. */
  toServer?(frame: Frame): { readonly on: Frame | null; readonly back?: Frame };
}

/** What of an item is in the log's hash. */
const identity = (item: Item | undefined): string =>
  item === undefined ? '' : 'entry' in item ? `${item.entry.type} ${entryHash(item.entry)}` : `message ${item.hash}`;

const bytesOf = (frames: readonly Frame[]): Uint8Array => Buffer.concat(frames.map(encodeFrame));

export class ShownLog implements Rewriting {
  readonly #deviation: Deviation | null;
  readonly #more: FrameRewriting;
  readonly #fromServer = new FrameDecoder();
  readonly #fromClient = new FrameDecoder();
  readonly #asked = new Map<unknown, Frame>();
  #answers: Frame[] = [];
  /** The true entries in whose place something else is shown, as they come. */
  #window: Item[] = [];
  #shown = false;

  constructor(deviation: Deviation | null, more: FrameRewriting) {
    this.#deviation = deviation;
    this.#more = more;
  }

  toClient(bytes: Uint8Array): Uint8Array {
    const frames = [...this.#fromServer.push(bytes)].flatMap((frame) => this.#in(frame));
    return bytesOf([...this.#answers.splice(0), ...frames]);
  }

  toServer(bytes: Uint8Array): Uint8Array {
    const sent: Frame[] = [];
    for (const frame of this.#fromClient.push(bytes)) {
      this.#asked.set(frame['id'], frame);
      const { on, back } = this.#more.toServer?.(frame) ?? { on: frame };
      if (on !== null) sent.push(this.#out(on));
      if (back !== undefined) this.#answers.push(back);
    }
    return bytesOf(sent);
  }

  #out(frame: Frame): Frame {
    if (this.#deviation === null || frame['op'] !== 'subscribe' || frame['room'] !== this.#deviation.room) return frame;
    const { from, edit } = this.#deviation;
    const after = Number(frame['after']);
    this.#window = [];
    this.#shown = after >= from + edit.width + this.#shift;
    // What comes again is passed over by the client.
    return { ...frame, after: this.#shown ? after - this.#shift : Math.min(after, from - 1) };
  }

  #in(frame: Frame): readonly Frame[] {
    const asked = this.#asked.get(frame['re']);
    const frames = this.#more.toClient?.(frame, asked) ?? [frame];
    return this.#deviation === null ? frames : frames.flatMap((each) => this.#placed(each, asked));
  }

  /** How far what follows is moved. */
  get #shift(): number {
    const { edit } = this.#deviation as Deviation;
    return edit.renumbers ? this.#made().length - edit.width : 0;
  }

  #made(): readonly Item[] {
    const { edit } = this.#deviation as Deviation;
    // The number of items does not depend on what they are.
    const filler = Array.from({ length: edit.width }, (): Item => ({ hash: '0'.repeat(64) }));
    return edit.make(this.#window.length === edit.width ? this.#window : filler);
  }

  #moved(seq: unknown): number {
    const { from, edit } = this.#deviation as Deviation;
    return Number(seq) >= from + edit.width ? Number(seq) + this.#shift : Number(seq);
  }

  #placed(frame: Frame, asked: Frame | undefined): readonly Frame[] {
    const { room, from } = this.#deviation as Deviation;
    if (asked?.['room'] === room || asked?.['op'] === 'find-room') return [this.#answer(frame, room)];
    if (frame['room'] !== room) return [frame];
    if (frame['push'] === 'caught-up')
      return [...this.#tail(Number(frame['head'])), { ...frame, head: this.#moved(frame['head']) }];
    if (frame['push'] !== 'entry' && frame['push'] !== 'stub') return [frame];
    const seq = Number(frame['seq']);
    if (seq < from) return [frame];
    return this.#edited(frame, seq);
  }

  #answer(frame: Frame, room: RoomId): Frame {
    const ok = frame['ok'] as Frame | undefined;
    if (ok === undefined || (ok['room'] !== undefined && ok['room'] !== room)) return frame;
    const { seq, head } = ok;
    return {
      ...frame,
      ok: {
        ...ok,
        ...(seq === undefined ? {} : { seq: this.#moved(seq) }),
        ...(head === undefined ? {} : { head: this.#moved(head) }),
      },
    };
  }

  /** An insertion at the end of the log comes before anything follows it. */
  #tail(head: number): readonly Frame[] {
    const { from, edit } = this.#deviation as Deviation;
    return edit.width === 0 && head >= from - 1 && !this.#shown ? this.#show() : [];
  }

  #show(): readonly Frame[] {
    const { room, from, edit } = this.#deviation as Deviation;
    const made = this.#made();
    this.#shown = true;
    this.#note(made);
    const places = edit.renumbers ? made.map((_, index) => from + index) : this.#ownPlaces(made);
    return made.map((item, index) => ({
      push: 'entry' in item ? 'entry' : 'stub',
      room,
      seq: places[index] ?? from,
      ...item,
    }));
  }

  #note(made: readonly Item[]): void {
    const deviation = this.#deviation as Deviation;
    if (JSON.stringify(made) === JSON.stringify(this.#window)) return;
    deviation.effective = true;
    const first = made.findIndex((item, index) => identity(item) !== identity(this.#window[index]));
    const differs = first === -1 ? made.length : first;
    if (first !== -1 || made.length !== this.#window.length) {
      deviation.divergesAt = Math.min(deviation.divergesAt, deviation.from + differs);
    }
  }

  #ownPlaces(made: readonly Item[]): number[] {
    const { from } = this.#deviation as Deviation;
    return made.map((item) => from + Math.max(0, this.#window.indexOf(item)));
  }

  #edited(frame: Frame, seq: number): readonly Frame[] {
    const { from, edit } = this.#deviation as Deviation;
    const shown: Frame[] = [];
    if (edit.width === 0 && !this.#shown) shown.push(...this.#show());
    if (seq >= from + edit.width) return [...shown, { ...frame, seq: this.#moved(seq) }];
    const { push: _, room: __, seq: ___, ...item } = frame;
    this.#window.push(item as Item);
    return this.#window.length === edit.width && !this.#shown ? this.#show() : shown;
  }
}
