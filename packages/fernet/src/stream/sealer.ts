/** Data into a stream. Knows nothing of web streams: it is given pieces, and gives chunks. FORMAT.md, "Writing". */
import type { TokenKey } from '../backend/backend.ts';
import { seal } from '../token/seal.ts';
import { chunkLabel, DATA_LENGTH, LAST, MORE } from './chunk.ts';
import { Recutter } from './recutter.ts';

export class StreamSealer {
  readonly #key: TokenKey;
  readonly #nextIv: () => Uint8Array;
  readonly #blocks = new Recutter(DATA_LENGTH);
  #position = 0;

  /** The key must be this stream's own. `nextIv` gives 16 bytes that nobody can foresee. */
  constructor(key: TokenKey, nextIv: () => Uint8Array) {
    this.#key = key;
    this.#nextIv = nextIv;
  }

  /** The chunks that the piece completes. */
  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    for (const block of this.#blocks.cut(piece)) yield this.#seal(MORE, block);
  }

  /** The last chunk, which there always is: it may be empty. */
  end(): Uint8Array {
    return this.#seal(LAST, this.#blocks.rest());
  }

  #seal(kind: number, data: Uint8Array): Uint8Array {
    return seal(this.#key, chunkLabel(kind, this.#position++), data, this.#nextIv());
  }
}
