/** Keys in their order of preference: the first one encrypts, every one may decrypt. A token is parsed once for all keys. */
import { backend } from '#backend';
import type { TokenKey } from '../backend/backend.ts';
import type { Uint64 } from '../encoding/uint64.ts';
import { InvalidToken } from '../errors.ts';
import type { TimeLimit } from '../input.ts';
import type { ParsedEnvelope } from './envelope.ts';
import { IvPool } from './iv-pool.ts';
import { type Allocate, open, seal } from './seal.ts';
import { isTimely } from './timestamp.ts';
import { parseToken, tokenLabel } from './token.ts';

interface Opened {
  readonly data: Uint8Array;
  readonly timestamp: Uint64;
}

/** One or more keys. */
export class Keyring {
  readonly #first: TokenKey;
  readonly #all: readonly TokenKey[];
  readonly #ivs = new IvPool(backend.randomBytes);

  constructor(first: TokenKey, ...others: readonly TokenKey[]) {
    this.#first = first;
    this.#all = [first, ...others];
  }

  /** Returns a keyring of the keys of this one, then those of the others. */
  joinedWith(others: readonly Keyring[]): Keyring {
    return new Keyring(this.#first, ...this.#all.slice(1), ...others.flatMap((other) => other.#all));
  }

  /** Returns a token under the first key with a new IV. */
  seal(data: Uint8Array, timestamp: Uint64, allocate: Allocate): Uint8Array {
    return seal(this.#first, tokenLabel(timestamp), data, { iv: this.#ivs.next(), allocate });
  }

  /**
   * Decrypts a token with the first key that opens it.
   *
   * @param bytes null for a token that has no bytes
   * @param limit null for no limit
   * @throws InvalidToken
   */
  open(bytes: Uint8Array | null, limit: TimeLimit | null): Opened {
    const token = requireToken(bytes);
    if (limit === null || isTimely(token.number, limit)) {
      for (const key of this.#all) {
        const data = open(key, token);
        if (data !== null) return { data, timestamp: token.number };
      }
    }
    throw new InvalidToken();
  }

  /**
   * Returns the timestamp of a token, of any age, whose MAC is valid under one of the keys.
   *
   * @throws InvalidToken
   */
  timestamp(bytes: Uint8Array | null): Uint64 {
    const token = requireToken(bytes);
    if (this.#all.some((key) => key.verify(token.signed, token.mac))) return token.number;
    throw new InvalidToken();
  }

  /** Derives a key from the first key. */
  deriveFirst(salt: Uint8Array, info: Uint8Array): TokenKey {
    return this.#first.derive(salt, info);
  }

  /** Derives a key from each key. */
  deriveAll(salt: Uint8Array, info: Uint8Array): readonly TokenKey[] {
    return this.#all.map((key) => key.derive(salt, info));
  }
}

function requireToken(bytes: Uint8Array | null): ParsedEnvelope {
  const token = bytes && parseToken(bytes);
  if (token === null) throw new InvalidToken();
  return token;
}
