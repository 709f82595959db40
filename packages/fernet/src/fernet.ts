/** Fernet under one key, as github.com/fernet/spec has it. */
import { generateKey, importKey } from './keys/key.ts';
import { Keyring } from './token/keyring.ts';
import { TokenCipher } from './token/token-cipher.ts';
import { rawForm, textForm } from './token/token-form.ts';

/** The raw tokens of one key: what `Fernet` does, with tokens as bytes. */
export type RawFernet = TokenCipher<Uint8Array>;

class RawTokens extends TokenCipher<Uint8Array> {
  constructor(keyring: Keyring) {
    super(keyring, rawForm);
  }
}

export class Fernet extends TokenCipher {
  readonly #raw: RawFernet;

  /** A new random key: 32 bytes as padded base64url, 44 characters. */
  static generateKey(): string {
    return generateKey();
  }

  /**
   * @param key the 44 characters that `generateKey` gives, or the 32 bytes they stand for, which are copied
   * @throws FernetError `invalid-key`
   */
  constructor(key: string | Uint8Array) {
    const keyring = new Keyring(importKey(key));
    super(keyring, textForm);
    this.#raw = new RawTokens(keyring);
  }

  /** The same key, with tokens as bytes in place of text: a quarter shorter, for files, databases and binary protocols. */
  get raw(): RawFernet {
    return this.#raw;
  }
}
