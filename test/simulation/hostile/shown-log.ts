/** Shows an edited log to a client, and translates positions in both directions. */
import { entryHash, type RoomId } from '@chat/protocol';
import type { Item, LogEdit } from './log-edit.ts';
import type { Frame, Tampering } from './tampered-connection.ts';

/** The edit of a room's log for some of its members. */
export interface Deviation {
  readonly room: RoomId;
  readonly edit: LogEdit;
  /** The first position that differs from the true log. */
  readonly from: number;
  /** True once a client was shown an edited entry. */
  effective: boolean;
  /** The position from which the shown log has another hash than the true one. */
  divergesAt: number;
}

/** Returns the part of an item that the log hash covers. */
const identity = (item: Item | undefined): string =>
  item === undefined ? '' : 'entry' in item ? `${item.entry.type} ${entryHash(item.entry)}` : `message ${item.hash}`;

/** The edited log on one connection. */
export class ShownLog implements Tampering {
  readonly #deviation: Deviation;
  /** The true entries that the edit replaces, as they arrive. */
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
    // The client ignores entries that it has already read.
    return { on: { ...frame, after: this.#shown ? after - this.#shift : Math.min(after, from - 1) } };
  }

  /** By how many positions the following entries are moved. */
  get #shift(): number {
    const { edit } = this.#deviation;
    return edit.renumbers ? this.#made().length - edit.width : 0;
  }

  #made(): readonly Item[] {
    const { edit } = this.#deviation;
    // The number of items does not depend on their contents.
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

  /** Shows an insertion at the end of the log, which no entry follows. */
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
