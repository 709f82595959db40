/** Decrypts a stream, independently of web streams: pieces in, data out (FORMAT.md, "Reading"). */
import type { TokenKey } from '../backend/backend.ts';
import { InvalidToken } from '../errors.ts';
import { open } from '../token/seal.ts';
import { BlockBuffer } from './block-buffer.ts';
import { chunkBytes, chunkDataBytes, fullChunkKind, lastChunkKind, parseChunk } from './chunk.ts';
import { headerBytes, parseHeader } from './header.ts';

/** Decrypts one stream. Every method throws `InvalidToken`, after which the opener must not be used again. */
export class StreamOpener {
  readonly #keysFor: (salt: Uint8Array) => readonly TokenKey[];
  readonly #blocks = new BlockBuffer(chunkBytes, headerBytes);
  /** Null before the header; then all possible keys; after the first chunk, the one that opened it. */
  #keys: readonly TokenKey[] | null = null;
  #position = 0;

  /** @param keysFor returns the possible keys of the stream with this salt */
  constructor(keysFor: (salt: Uint8Array) => readonly TokenKey[]) {
    this.#keysFor = keysFor;
  }

  /** Yields the data of each chunk that the piece completes. A full block is never the last chunk, which is shorter. */
  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    for (const block of this.#blocks.push(piece)) {
      if (this.#keys !== null) {
        const data = this.#open(this.#keys, block, fullChunkKind);
        if (data.length !== chunkDataBytes) throw new InvalidToken();
        yield data;
      } else {
        const salt = parseHeader(block);
        if (salt === null) throw new InvalidToken();
        this.#keys = this.#keysFor(salt);
      }
    }
  }

  /** Returns the data of the last chunk, which must be all of the remaining bytes. */
  end(): Uint8Array {
    if (this.#keys === null) throw new InvalidToken();
    return this.#open(this.#keys, this.#blocks.rest(), lastChunkKind);
  }

  #open(keys: readonly TokenKey[], bytes: Uint8Array, kind: number): Uint8Array {
    const chunk = parseChunk(bytes, kind, this.#position++);
    if (chunk === null) throw new InvalidToken();
    for (const key of keys) {
      const data = open(key, chunk);
      if (data === null) continue;
      this.#keys = [key];
      return data;
    }
    throw new InvalidToken();
  }
}
