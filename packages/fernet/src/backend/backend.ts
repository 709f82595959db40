/** What Fernet asks of a cryptographic engine. `native.ts` and `portable.ts` are twins of this interface; `#backend` picks one. */

export interface Backend {
  /** Fresh bytes from the system's source, in an array of their own. */
  randomBytes(length: number): Uint8Array;

  /** Memory for bytes that never leave the library, and that it writes all of: what they are at first is undefined. */
  allocate(length: number): Uint8Array;

  /** base64url with padding, as `../base64url.ts` defines it. */
  encodeBase64url(bytes: Uint8Array): string;

  /** Undefined for every text that `encodeBase64url` does not write. */
  decodeBase64url(text: string): Uint8Array | undefined;

  /** scrypt (RFC 7914), without blocking the event loop. */
  scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number): Promise<Uint8Array>;

  /** Takes 16 bytes each, and makes them its own: the caller must not change them afterwards. */
  importKey(signing: Uint8Array, encryption: Uint8Array): TokenKey;
}

/** scrypt's parameters (RFC 7914, section 2): 128·N·r bytes of memory, work in proportion to N·r·p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** A Fernet key ready for use. Ciphertexts are whole blocks; padding is the caller's affair. */
export interface TokenKey {
  /** HMAC-SHA-256, 32 bytes. */
  authenticate(message: Uint8Array): Uint8Array;

  /** Whether this is the message's MAC, found out in constant time. */
  verify(message: Uint8Array, mac: Uint8Array): boolean;

  /** AES-128-CBC over at least one block, without padding, in place. */
  encrypt(iv: Uint8Array, blocks: Uint8Array): void;

  /** The reverse, into other memory; takes the IV and the ciphertext in one piece. */
  decrypt(ivAndCiphertext: Uint8Array): Uint8Array;

  /** Another key of the same kind: HKDF-SHA-256 (RFC 5869) of all 32 bytes of this one. */
  derive(salt: Uint8Array, info: Uint8Array): TokenKey;
}
