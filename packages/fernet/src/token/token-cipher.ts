/** What one key and several can do alike, with tokens of either form. Arguments are checked here. */

import { decodeText } from '../encoding/text.ts';
import { numberOf, uint64 } from '../encoding/uint64.ts';
import { FernetError } from '../errors.ts';
import { dataBytes, timeLimit, timeLimitAt, unixSeconds } from '../input.ts';
import type { Keyring } from './keyring.ts';
import type { TokenForm } from './token-form.ts';

export interface DecryptOptions {
  /**
   * The token's longest age in whole seconds, 0 or more. With it, a token from more than 60 seconds in the future is refused
   * too. Without it, a token is good for ever.
   */
  readonly ttl?: number | undefined;
}

export interface DecryptAtTimeOptions {
  /** The token's longest age in whole seconds, 0 or more. */
  readonly ttl: number;
  /** The time at which the age is judged, in whole seconds since 1970. */
  readonly now: number;
}

let readKeyring: (cipher: object) => Keyring | undefined;

/** `Token` is `string`, or `Uint8Array` for raw tokens. */
export abstract class TokenCipher<Token = string> {
  readonly #keyring: Keyring;
  readonly #form: TokenForm<Token>;

  /** @internal */
  protected constructor(keyring: Keyring, form: TokenForm<Token>) {
    this.#keyring = keyring;
    this.#form = form;
  }

  /**
   * A token that holds `data` and the time of the system's clock.
   *
   * @param data up to 256 MiB; a string stands for its UTF-8
   * @returns padded base64url, 4/3 of the data and about 100 characters; raw, 58 to 73 bytes more than the data
   * @throws FernetError `invalid-argument`
   */
  encrypt(data: string | Uint8Array): Token {
    return this.encryptAtTime(data, systemSeconds());
  }

  /**
   * As `encrypt`, at a time of the caller's choice.
   *
   * @param now whole seconds since 1970
   * @throws FernetError `invalid-argument`
   */
  encryptAtTime(data: string | Uint8Array, now: number): Token {
    return this.#form.write(this.#keyring.seal(dataBytes(data), uint64(unixSeconds(now)), this.#form.allocate));
  }

  /**
   * What a token holds.
   *
   * @returns bytes of their own, which share memory with nothing
   * @throws InvalidToken (`invalid-token`) if it is damaged, forged, for another key or, with a `ttl`, outside of its time
   * @throws FernetError `invalid-argument`
   */
  decrypt(token: Token, options: DecryptOptions = {}): Uint8Array {
    return this.#keyring.open(this.#form.read(token), timeLimit(options, systemSeconds)).data;
  }

  /** As `decrypt`, the age judged at a time of the caller's choice; throws the same. */
  decryptAtTime(token: Token, options: DecryptAtTimeOptions): Uint8Array {
    return this.#keyring.open(this.#form.read(token), timeLimitAt(options)).data;
  }

  /** As `decrypt`, for a token that holds UTF-8; one that holds anything else is an `InvalidToken`. */
  decryptText(token: Token, options: DecryptOptions = {}): string {
    return decodeText(this.decrypt(token, options));
  }

  /**
   * When a token was made, in seconds since 1970. The MAC is verified, the age and the contents are not looked at.
   *
   * @returns exact below 2^53, the nearest number above
   * @throws InvalidToken (`invalid-token`), FernetError `invalid-argument`
   */
  extractTimestamp(token: Token): number {
    return numberOf(this.#keyring.timestamp(this.#form.read(token)));
  }

  /** For this library's own use: `keyringOf`. */
  static {
    readKeyring = (cipher) => (#keyring in cipher ? cipher.#keyring : undefined);
  }
}

/** The keys of a cipher, which are not part of its public face. Throws `invalid-argument` if it is no cipher of this library. */
export function keyringOf(cipher: unknown): Keyring {
  const keyring = typeof cipher === 'object' && cipher !== null ? readKeyring(cipher) : undefined;
  if (keyring === undefined) throw new FernetError('invalid-argument', 'not a Fernet: make one with new Fernet(key)');
  return keyring;
}

function systemSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
