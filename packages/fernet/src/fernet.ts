/** Fernet with one key, as github.com/fernet/spec specifies it. */
import { generateKey, importKey } from './keys/key.ts';
import { Keyring } from './token/keyring.ts';
import { TokenCipher } from './token/token-cipher.ts';
import { rawForm, textForm } from './token/token-form.ts';

/** The methods of `Fernet` with tokens as bytes. */
export type RawFernet = TokenCipher<Uint8Array>;

class RawTokens extends TokenCipher<Uint8Array> {
  constructor(keyring: Keyring) {
    super(keyring, rawForm);
  }
}

/** Encrypts and decrypts tokens with one key. */
export class Fernet extends TokenCipher {
  readonly #raw: RawFernet;

  /** Returns a new random key: 32 bytes as padded base64url, 44 characters. */
  static generateKey(): string {
    return generateKey();
  }

  /**
   * Imports a key.
   *
   * @param key 44 characters from `generateKey`, or the 32 bytes that they encode, which are copied
   * @throws FernetError `invalid-key`
   */
  constructor(key: string | Uint8Array) {
    const keyring = new Keyring(importKey(key));
    super(keyring, textForm);
    this.#raw = new RawTokens(keyring);
  }

  /**
   * The same key for raw tokens: bytes instead of text, which are a quarter shorter, for files, databases and binary protocols.
   */
  get raw(): RawFernet {
    return this.#raw;
  }
}
