/** The messages that are in no segment yet, in the order in which they were read. */
import { joined } from '../changes.ts';
import { lengthOf, type PlacedMessage } from '../message.ts';
import { tailLimits } from './levels.ts';

/** What is written as one segment, when the disk has taken nothing for a long time: making a segment takes memory. */
const batchLimits = { count: 8192, bytes: 8 * 1024 * 1024 } as const;

/** The messages outside of segments. */
export class Tail {
  #messages: PlacedMessage[];

  constructor(messages: readonly PlacedMessage[]) {
    this.#messages = [...messages];
  }

  /** The messages as they are now: the list changes with the next call. */
  get messages(): readonly PlacedMessage[] {
    return this.#messages;
  }

  /** True if there are so many that they are to be written. */
  get isDue(): boolean {
    if (this.#messages.length >= tailLimits.count) return true;
    let size = 0;
    for (const message of this.#messages) size += lengthOf(message);
    return size >= tailLimits.bytes;
  }

  /** Adds a message, in constant time: while a disk fails there may be hundreds of thousands. */
  add(message: PlacedMessage): void {
    this.#messages.push(message);
  }

  /** Adds messages that were changed, in place of the copies that are here. */
  change(messages: readonly PlacedMessage[]): void {
    const idOf = ({ stream, seq, hash }: PlacedMessage) => `${stream} ${seq} ${hash}`;
    const changed = new Map(messages.map((message) => [idOf(message), message]));
    this.#messages = this.#messages.filter((copy) => {
      const other = changed.get(idOf(copy));
      if (other !== undefined) changed.set(idOf(copy), joined(other, copy));
      return other === undefined;
    });
    this.#messages.push(...changed.values());
  }

  /** Returns the first messages, at most `count` and as many as go into one segment. */
  first(count: number): readonly PlacedMessage[] {
    const most = Math.min(count, batchLimits.count);
    let bytes = 0;
    const end = this.#messages.findIndex((message, index) => {
      bytes += lengthOf(message);
      return index >= most || (index > 0 && bytes > batchLimits.bytes);
    });
    return end === -1 ? [...this.#messages] : this.#messages.slice(0, end);
  }

  /** Removes these messages. Returns how many of them were there. */
  remove(messages: readonly PlacedMessage[]): number {
    const gone = new Set(messages);
    return this.keep((message) => !gone.has(message));
  }

  /** Removes the messages for which `isKept` does not hold. Returns how many there were. */
  keep(isKept: (message: PlacedMessage) => boolean): number {
    const before = this.#messages.length;
    this.#messages = this.#messages.filter(isKept);
    return before - this.#messages.length;
  }
}
