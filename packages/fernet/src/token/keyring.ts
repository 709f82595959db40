/** Keys in their order of preference: the first one encrypts, every one may decrypt. A token is parsed once for all of them. */
import { backend } from '#backend';
import type { TokenKey } from '../backend/backend.ts';
import type { Uint64 } from '../encoding/uint64.ts';
import { InvalidToken } from '../errors.ts';
import { streamKey } from '../stream/header.ts';
import type { ParsedEnvelope } from './envelope.ts';
import { IvPool } from './iv-pool.ts';
import { type Allocate, open, seal } from './seal.ts';
import { isTimely, type TimeLimit } from './timestamp.ts';
import { parseToken, tokenLabel } from './token.ts';

interface Opened {
  readonly data: Uint8Array;
  readonly timestamp: Uint64;
}

export class Keyring {
  readonly #first: TokenKey;
  readonly #all: readonly TokenKey[];
  readonly #ivs = new IvPool(backend.randomBytes);

  constructor(first: TokenKey, ...others: readonly TokenKey[]) {
    this.#first = first;
    this.#all = [first, ...others];
  }

  /** The keys of this ring, then those of the others. */
  joinedWith(others: readonly Keyring[]): Keyring {
    return new Keyring(this.#first, ...this.#all.slice(1), ...others.flatMap((other) => other.#all));
  }

  /** A token under the first key with an IV of its own. */
  seal(data: Uint8Array, timestamp: Uint64, allocate: Allocate): Uint8Array {
    return seal(this.#first, tokenLabel(timestamp), data, this.#ivs.next(), allocate);
  }

  /** What the token holds, if one of the keys opens it and it is within the limit. Throws `InvalidToken` for all else. */
  open(bytes: Uint8Array | undefined, limit?: TimeLimit): Opened {
    const token = parse(bytes);
    if (limit === undefined || isTimely(token.number, limit)) {
      for (const key of this.#all) {
        const data = open(key, token);
        if (data !== undefined) return { data, timestamp: token.number };
      }
    }
    throw new InvalidToken();
  }

  /** The timestamp of a token whose MAC is right under one of the keys, however old. Throws `InvalidToken` for all others. */
  timestamp(bytes: Uint8Array | undefined): Uint64 {
    const token = parse(bytes);
    if (this.#all.some((key) => key.verify(token.signed, token.mac))) return token.number;
    throw new InvalidToken();
  }

  /** The first key's own key for the stream with this salt. */
  streamKey(salt: Uint8Array): TokenKey {
    return streamKey(this.#first, salt);
  }

  /** The keys that the stream with this salt may be under. */
  streamKeys(salt: Uint8Array): readonly TokenKey[] {
    return this.#all.map((key) => streamKey(key, salt));
  }
}

/** No bytes at all are no token either. */
function parse(bytes: Uint8Array | undefined): ParsedEnvelope {
  const token = bytes && parseToken(bytes);
  if (token === undefined) throw new InvalidToken();
  return token;
}
