/** A stream back into its data. Knows nothing of web streams: it is given pieces, and gives data. FORMAT.md, "Reading". */
import type { TokenKey } from '../backend/backend.ts';
import { InvalidToken } from '../errors.ts';
import { open } from '../token/seal.ts';
import { CHUNK_LENGTH, DATA_LENGTH, LAST, MORE, parseChunk } from './chunk.ts';
import { HEADER_LENGTH, parseHeader } from './header.ts';
import { Recutter } from './recutter.ts';

/** Every method throws `InvalidToken`, after which the opener must not be used again. */
export class StreamOpener {
  readonly #keysFor: (salt: Uint8Array) => readonly TokenKey[];
  readonly #blocks = new Recutter(CHUNK_LENGTH, HEADER_LENGTH);
  /** Undefined before the header, then all that are possible, and only one from the first chunk on. */
  #keys: readonly TokenKey[] | undefined;
  #position = 0;

  constructor(keysFor: (salt: Uint8Array) => readonly TokenKey[]) {
    this.#keysFor = keysFor;
  }

  /** The data of each chunk that the piece completes. A full block is never the last chunk: that one is shorter. */
  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    for (const block of this.#blocks.cut(piece)) {
      if (this.#keys !== undefined) {
        const data = this.#open(this.#keys, block, MORE);
        if (data.length !== DATA_LENGTH) throw new InvalidToken();
        yield data;
      } else {
        const salt = parseHeader(block);
        if (salt === undefined) throw new InvalidToken();
        this.#keys = this.#keysFor(salt);
      }
    }
  }

  /** The data of the last chunk, which must be all that is left. */
  end(): Uint8Array {
    if (this.#keys === undefined) throw new InvalidToken();
    return this.#open(this.#keys, this.#blocks.rest(), LAST);
  }

  #open(keys: readonly TokenKey[], bytes: Uint8Array, kind: number): Uint8Array {
    const chunk = parseChunk(bytes, kind, this.#position++);
    if (chunk === undefined) throw new InvalidToken();
    for (const key of keys) {
      const data = open(key, chunk);
      if (data === undefined) continue;
      this.#keys = [key];
      return data;
    }
    throw new InvalidToken();
  }
}
