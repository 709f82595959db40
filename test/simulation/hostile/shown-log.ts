/** Somebody is shown an edited log: places are translated in both directions. */
import { entryHash, type RoomId } from '@chat/protocol';
import type { Item, LogEdit } from './log-edit.ts';
import type { Frame, Tampering } from './tampered-connection.ts';

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

/** What of an item is in the log's hash. */
const identity = (item: Item | undefined): string =>
  item === undefined ? '' : 'entry' in item ? `${item.entry.type} ${entryHash(item.entry)}` : `message ${item.hash}`;

/** For one connection. */
export class ShownLog implements Tampering {
  readonly #deviation: Deviation;
  /** The true entries in whose place something else is shown, as they come. */
  #window: Item[] = [];
  #shown = false;

  constructor(deviation: Deviation) {
    this.#deviation = deviation;
  }

  toServer(frame: Frame) {
    if (frame['op'] !== 'subscribe' || frame['room'] !== this.#deviation.room) return { on: frame };
    const { from, edit } = this.#deviation;
    const after = Number(frame['after']);
    this.#window = [];
    this.#shown = after >= from + edit.width + this.#shift;
    // What comes again is passed over by the client.
    return { on: { ...frame, after: this.#shown ? after - this.#shift : Math.min(after, from - 1) } };
  }

  /** How far what follows is moved. */
  get #shift(): number {
    const { edit } = this.#deviation;
    return edit.renumbers ? this.#made().length - edit.width : 0;
  }

  #made(): readonly Item[] {
    const { edit } = this.#deviation;
    // The number of items does not depend on what they are.
    const filler = Array.from({ length: edit.width }, (): Item => ({ hash: '0'.repeat(64) }));
    return edit.make(this.#window.length === edit.width ? this.#window : filler);
  }

  #moved(seq: unknown): number {
    const { from, edit } = this.#deviation;
    return Number(seq) >= from + edit.width ? Number(seq) + this.#shift : Number(seq);
  }

  toClient(frame: Frame, asked: Frame | undefined): readonly Frame[] {
    const { room, from } = this.#deviation;
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
    const { from, edit } = this.#deviation;
    return edit.width === 0 && head >= from - 1 && !this.#shown ? this.#show() : [];
  }

  #show(): readonly Frame[] {
    const { room, from, edit } = this.#deviation;
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
    const deviation = this.#deviation;
    if (JSON.stringify(made) === JSON.stringify(this.#window)) return;
    deviation.effective = true;
    const first = made.findIndex((item, index) => identity(item) !== identity(this.#window[index]));
    const differs = first === -1 ? made.length : first;
    if (first !== -1 || made.length !== this.#window.length) {
      deviation.divergesAt = Math.min(deviation.divergesAt, deviation.from + differs);
    }
  }

  #ownPlaces(made: readonly Item[]): number[] {
    const { from } = this.#deviation;
    return made.map((item) => from + Math.max(0, this.#window.indexOf(item)));
  }

  #edited(frame: Frame, seq: number): readonly Frame[] {
    const { from, edit } = this.#deviation;
    const shown: Frame[] = [];
    if (edit.width === 0 && !this.#shown) shown.push(...this.#show());
    if (seq >= from + edit.width) return [...shown, { ...frame, seq: this.#moved(seq) }];
    const { push: _, room: __, seq: ___, ...item } = frame;
    this.#window.push(item as Item);
    return this.#window.length === edit.width && !this.#shown ? this.#show() : shown;
  }
}
