/** Several keys at once, so that keys can be replaced while old tokens still live. */
import { FernetError } from './errors.ts';
import type { Fernet } from './fernet.ts';
import type { Keyring } from './token/keyring.ts';
import { keyringOf, TokenCipher } from './token/token-cipher.ts';
import { rawForm, type TokenForm, textForm } from './token/token-form.ts';

/** The raw tokens of several keys: what `MultiFernet` does, with tokens as bytes. */
export interface RawMultiFernet extends TokenCipher<Uint8Array> {
  /** As `MultiFernet#rotate`; throws the same. */
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

export class MultiFernet extends TokenCipher {
  readonly #raw: RawMultiFernet;

  /**
   * @param fernets at least one; the first encrypts, all of them decrypt, tried in this order
   * @throws FernetError `invalid-argument`
   */
  constructor(fernets: Iterable<Fernet>) {
    const keyring = joinedKeys(fernets);
    super(keyring, textForm);
    this.#raw = new RawTokens(keyring);
  }

  /** The same keys, with tokens as bytes in place of text. */
  get raw(): RawMultiFernet {
    return this.#raw;
  }

  /**
   * The same data in a new token under the first key, with a new IV and the old timestamp: a token grows no younger by it.
   *
   * @throws InvalidToken (`invalid-token`) if none of the keys opens the token
   * @throws FernetError `invalid-argument`
   */
  rotate(token: string): string {
    return rotate(keyringOf(this), textForm, token);
  }
}

function rotate<Token>(keyring: Keyring, form: TokenForm<Token>, token: Token): Token {
  const { data, timestamp } = keyring.open(form.read(token));
  return form.write(keyring.seal(data, timestamp, form.allocate));
}

function joinedKeys(fernets: Iterable<Fernet>): Keyring {
  if (typeof fernets !== 'object' || fernets === null || !(Symbol.iterator in fernets)) {
    throw new FernetError('invalid-argument', 'MultiFernet takes a list of Fernets');
  }
  const [first, ...others] = Array.from(fernets, keyringOf);
  if (first === undefined) throw new FernetError('invalid-argument', 'MultiFernet needs at least one Fernet');
  return first.joinedWith(others);
}
