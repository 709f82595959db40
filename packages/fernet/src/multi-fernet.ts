/** Fernet with several keys, so that a key can be replaced while tokens of the old key are still valid. */
import { FernetError } from './errors.ts';
import type { Fernet } from './fernet.ts';
import type { Keyring } from './token/keyring.ts';
import { keyringOf, TokenCipher } from './token/token-cipher.ts';
import { rawForm, type TokenForm, textForm } from './token/token-form.ts';

/** The methods of `MultiFernet` with tokens as bytes. */
export interface RawMultiFernet extends TokenCipher<Uint8Array> {
  /**
   * Encrypts the data of a token again, as `MultiFernet#rotate` does.
   *
   * @param token from any of the keys
   * @returns a token under the first key
   * @throws InvalidToken (`invalid-token`)
   * @throws FernetError `invalid-argument`
   */
  rotate(token: Uint8Array): Uint8Array;
}

class RawTokens extends TokenCipher<Uint8Array> implements RawMultiFernet {
  constructor(keyring: Keyring) {
    super(keyring, rawForm);
  }

  rotate(token: Uint8Array): Uint8Array {
    return rotate(keyringOf(this), rawForm, token);
  }
}

/** Encrypts tokens with the first of several keys, and decrypts tokens of all of them. */
export class MultiFernet extends TokenCipher {
  readonly #raw: RawMultiFernet;

  /**
   * Joins keys.
   *
   * @param fernets at least one; the first one encrypts, all of them decrypt, in this order
   * @throws FernetError `invalid-argument`
   */
  constructor(fernets: Iterable<Fernet>) {
    const keyring = joinedKeys(fernets);
    super(keyring, textForm);
    this.#raw = new RawTokens(keyring);
  }

  /** The same keys for raw tokens: bytes instead of text. */
  get raw(): RawMultiFernet {
    return this.#raw;
  }

  /**
   * Encrypts the data of a token again under the first key, with a new IV and the old timestamp: the token's age stays the same.
   *
   * @param token from any of the keys
   * @returns a token under the first key
   * @throws InvalidToken (`invalid-token`) if none of the keys opens the token
   * @throws FernetError `invalid-argument`
   */
  rotate(token: string): string {
    return rotate(keyringOf(this), textForm, token);
  }
}

function rotate<Token>(keyring: Keyring, form: TokenForm<Token>, token: Token): Token {
  const { data, timestamp } = keyring.open(form.read(token), null);
  return form.write(keyring.seal(data, timestamp, form.allocate));
}

function joinedKeys(fernets: Iterable<Fernet>): Keyring {
  if (typeof fernets !== 'object' || fernets === null || !(Symbol.iterator in fernets)) {
    throw new FernetError('invalid-argument', 'MultiFernet takes an iterable of Fernets');
  }
  const [first, ...others] = Array.from(fernets, keyringOf);
  if (first === undefined) throw new FernetError('invalid-argument', 'MultiFernet needs at least one Fernet');
  return first.joinedWith(others);
}
