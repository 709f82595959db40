/** What Fernet asks of a cryptographic engine. `native.ts` and `portable.ts` are twins of this interface; `#backend` picks one. */

export interface Backend {
  /** Fresh bytes from the system's source, in an array of their own. */
  randomBytes(length: number): Uint8Array;

  /** base64url with padding, as `../base64url.ts` defines it. */
  encodeBase64url(bytes: Uint8Array): string;

  /** Undefined for every text that `encodeBase64url` does not write. */
  decodeBase64url(text: string): Uint8Array | undefined;

  /** Takes 16 bytes each, and makes them its own: the caller must not change them afterwards. */
  importKey(signing: Uint8Array, encryption: Uint8Array): TokenKey;
}

/** A Fernet key ready for use. Ciphertexts are whole blocks; padding is the caller's affair. */
export interface TokenKey {
  /** HMAC-SHA-256, 32 bytes. */
  authenticate(message: Uint8Array): Uint8Array;

  /** Whether this is the message's MAC, found out in constant time. */
  verify(message: Uint8Array, mac: Uint8Array): boolean;

  /** AES-128-CBC over at least one block, without padding. The plaintext's array may be overwritten. */
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array;

  /** The reverse; takes the IV and the ciphertext in one piece. */
  decrypt(ivAndCiphertext: Uint8Array): Uint8Array;
}
