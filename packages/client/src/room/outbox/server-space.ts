/** Whether the server has space for messages: reports once that it has none, and once that it has some again. */
import { codeOf } from '@chat/protocol';
import { explain } from '../../errors.ts';
import type { ClientEvent, FullCode } from '../../events.ts';

/** Returns the code of a refusal for want of space; null for any other value. */
function fullCodeOf(error: unknown): FullCode | null {
  const code = codeOf(error);
  return code === 'storage-full' || code === 'room-storage-full' || code === 'limit-reached' ? code : null;
}

/** Returns whether a server refuses for want of space. */
export const isWantOfSpace = (error: unknown): boolean => fullCodeOf(error) !== null;

/** The space of the server, as the answers to one outbox show it. */
export class ServerSpace {
  readonly #emit: (event: ClientEvent) => void;
  /** The code of the refusal, until the server accepts a message. */
  #full: FullCode | null = null;

  constructor(emit: (event: ClientEvent) => void) {
    this.#emit = emit;
  }

  /** To be called with each refusal for want of space, and with null when the server has accepted a message. */
  note(refusal: unknown): void {
    const before = this.#full;
    this.#full = fullCodeOf(refusal);
    if (this.#full === before) return;
    if (this.#full !== null) this.#emit({ kind: 'trouble', ...explain(refusal) });
    else if (before !== null) this.#emit({ kind: 'trouble-over', code: before });
  }
}
