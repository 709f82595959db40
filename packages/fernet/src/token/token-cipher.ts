/** The operations that one key and several keys share, for tokens of either form. This file checks the arguments. */

import { decodeText } from '../encoding/text.ts';
import { numberOf, uint64 } from '../encoding/uint64.ts';
import { FernetError } from '../errors.ts';
import { requireData, requireUnixSeconds, timeLimitAt, timeLimitOf } from '../input.ts';
import type { Keyring } from './keyring.ts';
import type { TokenForm } from './token-form.ts';

/** Options of `decrypt` and `decryptText`. */
export interface DecryptOptions {
  /**
   * The maximum age of the token in whole seconds, at least 0. With a `ttl`, a token from more than 60 seconds in the future is
   * refused too. Default: no limit.
   */
  readonly ttl?: number | undefined;
}

/** Options of `decryptAtTime`. */
export interface DecryptAtTimeOptions {
  /** The maximum age of the token in whole seconds, at least 0. */
  readonly ttl: number;
  /** The time at which the age is judged, in whole seconds since 1970. */
  readonly now: number;
}

let readKeyring: (cipher: object) => Keyring | null;

/** Encrypts and decrypts tokens. `Token` is `string`, or `Uint8Array` for raw tokens. */
export abstract class TokenCipher<Token = string> {
  readonly #keyring: Keyring;
  readonly #form: TokenForm<Token>;

  /** @internal */
  protected constructor(keyring: Keyring, form: TokenForm<Token>) {
    this.#keyring = keyring;
    this.#form = form;
  }

  /**
   * Encrypts data to a token with the time of the system clock.
   *
   * @param data up to 256 MiB; a string is encoded as UTF-8
   * @returns padded base64url, 4/3 of the size of the data and about 100 characters more; a raw token is 58 to 73 bytes longer
   *   than the data
   * @throws FernetError `invalid-argument`
   */
  encrypt(data: string | Uint8Array): Token {
    return this.encryptAtTime(data, systemSeconds());
  }

  /**
   * Encrypts data to a token with the given time.
   *
   * @param data up to 256 MiB; a string is encoded as UTF-8
   * @param now whole seconds since 1970
   * @returns a token, as from `encrypt`
   * @throws FernetError `invalid-argument`
   */
  encryptAtTime(data: string | Uint8Array, now: number): Token {
    const bytes = requireData(data);
    return this.#form.write(this.#keyring.seal(bytes, uint64(requireUnixSeconds(now)), this.#form.allocate));
  }

  /**
   * Decrypts a token.
   *
   * @param token from `encrypt`
   * @param options a time limit; without one, a token of any age is valid
   * @returns the data in memory of their own
   * @throws InvalidToken (`invalid-token`) if the token is damaged, forged, made with another key or outside the time limit
   * @throws FernetError `invalid-argument`
   */
  decrypt(token: Token, options: DecryptOptions = {}): Uint8Array {
    return this.#keyring.open(this.#form.read(token), timeLimitOf(options, systemSeconds)).data;
  }

  /**
   * Decrypts a token whose age is judged at the given time.
   *
   * @param token from `encrypt`
   * @param options the time limit
   * @returns the data in memory of their own
   * @throws InvalidToken (`invalid-token`), as from `decrypt`
   * @throws FernetError `invalid-argument`
   */
  decryptAtTime(token: Token, options: DecryptAtTimeOptions): Uint8Array {
    return this.#keyring.open(this.#form.read(token), timeLimitAt(options)).data;
  }

  /**
   * Decrypts a token that contains text.
   *
   * @param token from `encrypt`
   * @param options a time limit; without one, a token of any age is valid
   * @returns the text
   * @throws InvalidToken (`invalid-token`), as from `decrypt`, and if the data are not UTF-8
   * @throws FernetError `invalid-argument`
   */
  decryptText(token: Token, options: DecryptOptions = {}): string {
    return decodeText(this.decrypt(token, options));
  }

  /**
   * Returns the time of a token. The MAC is verified; age and data are not examined.
   *
   * @param token from `encrypt`
   * @returns seconds since 1970, exact below 2^53, else the nearest number
   * @throws InvalidToken (`invalid-token`)
   * @throws FernetError `invalid-argument`
   */
  extractTimestamp(token: Token): number {
    return numberOf(this.#keyring.timestamp(this.#form.read(token)));
  }

  // Gives `keyringOf` access to the private field.
  static {
    readKeyring = (cipher) => (#keyring in cipher ? cipher.#keyring : null);
  }
}

/**
 * Returns the keys of a cipher, which are not part of its public interface.
 *
 * @throws FernetError `invalid-argument` for any other value
 */
export function keyringOf(cipher: unknown): Keyring {
  const keyring = typeof cipher === 'object' && cipher !== null ? readKeyring(cipher) : null;
  if (keyring === null) throw new FernetError('invalid-argument', 'not a Fernet: make one with new Fernet(key)');
  return keyring;
}

function systemSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
