/** Fernet under one key, as github.com/fernet/spec has it. */
import { generateKey, importKey } from './key.ts';
import { Keyring } from './keyring.ts';
import { TokenCipher } from './token-cipher.ts';

export class Fernet extends TokenCipher {
  /** A new random key: 32 bytes as padded base64url, 44 characters. */
  static generateKey(): string {
    return generateKey();
  }

  /**
   * @param key the 44 characters that `generateKey` gives, or the 32 bytes they stand for, which are copied
   * @throws FernetError `invalid-key`
   */
  constructor(key: string | Uint8Array) {
    super(new Keyring(importKey(key)));
  }
}
