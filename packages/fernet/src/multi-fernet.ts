/** Several keys at once, so that keys can be replaced while old tokens still live. */
import { FernetError } from './errors.ts';
import type { Fernet } from './fernet.ts';
import { tokenText } from './input.ts';
import type { Keyring } from './keyring.ts';
import { keyringOf, TokenCipher } from './token-cipher.ts';

export class MultiFernet extends TokenCipher {
  /**
   * @param fernets at least one; the first encrypts, all of them decrypt, tried in this order
   * @throws FernetError `invalid-argument`
   */
  constructor(fernets: Iterable<Fernet>) {
    super(joinedKeys(fernets));
  }

  /**
   * The same data in a new token under the first key, with a new IV and the old timestamp: a token grows no younger by it.
   *
   * @throws InvalidToken (`invalid-token`) if none of the keys opens the token
   * @throws FernetError `invalid-argument`
   */
  rotate(token: string): string {
    const keyring = keyringOf(this);
    const { data, timestamp } = keyring.open(tokenText(token));
    return keyring.seal(data, timestamp);
  }
}

function joinedKeys(fernets: Iterable<Fernet>): Keyring {
  if (typeof fernets !== 'object' || fernets === null || !(Symbol.iterator in fernets)) {
    throw new FernetError('invalid-argument', 'MultiFernet takes a list of Fernets');
  }
  const [first, ...others] = Array.from(fernets, keyringOf);
  if (first === undefined) throw new FernetError('invalid-argument', 'MultiFernet needs at least one Fernet');
  return first.joinedWith(others);
}
