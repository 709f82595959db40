/** Keys in their order of preference: the first one encrypts, every one may decrypt. A token is parsed once for all of them. */
import { backend } from '#backend';
import type { TokenKey } from './backend/backend.ts';
import { InvalidToken } from './errors.ts';
import { IvPool } from './iv-pool.ts';
import { open, seal } from './seal.ts';
import { isTimely, type TimeLimit, type Timestamp } from './timestamp.ts';
import { type ParsedToken, parseToken } from './token.ts';

interface Opened {
  readonly data: Uint8Array;
  readonly timestamp: Timestamp;
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
  seal(data: Uint8Array, timestamp: Timestamp): string {
    return backend.encodeBase64url(seal(this.#first, data, timestamp, this.#ivs.next()));
  }

  /** What the token holds, if one of the keys opens it and it is within the limit. Throws `InvalidToken` for all else. */
  open(text: string, limit?: TimeLimit): Opened {
    const token = parse(text);
    if (limit === undefined || isTimely(token.timestamp, limit)) {
      for (const key of this.#all) {
        const data = open(key, token);
        if (data !== undefined) return { data, timestamp: token.timestamp };
      }
    }
    throw new InvalidToken();
  }

  /** The timestamp of a token whose MAC is right under one of the keys, however old. Throws `InvalidToken` for all others. */
  timestamp(text: string): Timestamp {
    const token = parse(text);
    if (this.#all.some((key) => key.verify(token.signed, token.mac))) return token.timestamp;
    throw new InvalidToken();
  }
}

function parse(text: string): ParsedToken {
  const bytes = backend.decodeBase64url(text);
  const token = bytes && parseToken(bytes);
  if (token === undefined) throw new InvalidToken();
  return token;
}
