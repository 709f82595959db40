/** Encrypts a stream, independently of web streams: pieces in, chunks out (FORMAT.md, "Writing"). */
import type { TokenKey } from '../backend/backend.ts';
import { seal } from '../token/seal.ts';
import { BlockBuffer } from './block-buffer.ts';
import { chunkDataBytes, chunkLabel, fullChunkKind, lastChunkKind } from './chunk.ts';

/** Encrypts one stream. */
export class StreamSealer {
  readonly #key: TokenKey;
  readonly #nextIv: () => Uint8Array;
  readonly #blocks = new BlockBuffer(chunkDataBytes);
  #position = 0;

  /**
   * @param key the key of this stream only
   * @param nextIv returns 16 unpredictable bytes
   */
  constructor(key: TokenKey, nextIv: () => Uint8Array) {
    this.#key = key;
    this.#nextIv = nextIv;
  }

  /** Yields the chunks that the piece completes. */
  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    for (const block of this.#blocks.push(piece)) yield this.#seal(fullChunkKind, block);
  }

  /** Returns the last chunk, which every stream has and which may be empty. */
  end(): Uint8Array {
    return this.#seal(lastChunkKind, this.#blocks.rest());
  }

  #seal(kind: number, data: Uint8Array): Uint8Array {
    return seal(this.#key, chunkLabel(kind, this.#position++), data, { iv: this.#nextIv() });
  }
}
