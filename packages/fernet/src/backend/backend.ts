/** The interface of a backend. `native.ts` and `portable.ts` implement it; the import `#backend` selects one. */

/** The cryptographic operations that Fernet needs. */
export interface Backend {
  /** Returns random bytes from the system, in an array of their own. */
  randomBytes(length: number): Uint8Array;

  /** Allocates memory with undefined content, for bytes that the library writes in full and does not return. */
  allocate(length: number): Uint8Array;

  /** Encodes bytes as base64url with padding (RFC 4648, section 5). */
  encodeBase64url(bytes: Uint8Array): string;

  /** Decodes base64url; null for every text that `encodeBase64url` does not return. */
  decodeBase64url(text: string): Uint8Array | null;

  /** Derives `length` bytes with scrypt (RFC 7914), without blocking the event loop. */
  scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number): Promise<Uint8Array>;

  /** Imports the two halves of a key, 16 bytes each. The caller must not change them afterwards. */
  importKey(signing: Uint8Array, encryption: Uint8Array): TokenKey;
}

/** The parameters of scrypt (RFC 7914, section 2): 128·N·r bytes of memory, and work in proportion to N·r·p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** An imported Fernet key. Plaintexts and ciphertexts are whole blocks; the caller adds and removes padding. */
export interface TokenKey {
  /** Returns the HMAC-SHA-256 of a message, 32 bytes. */
  authenticate(message: Uint8Array): Uint8Array;

  /** Compares the MAC of a message in constant time. */
  verify(message: Uint8Array, mac: Uint8Array): boolean;

  /** Encrypts one or more blocks in place with AES-128-CBC, without padding. */
  encrypt(iv: Uint8Array, blocks: Uint8Array): void;

  /** Decrypts a ciphertext that follows its IV, into other memory. */
  decrypt(ivAndCiphertext: Uint8Array): Uint8Array;

  /** Derives another Fernet key from all 32 bytes of this one with HKDF-SHA-256 (RFC 5869). */
  derive(salt: Uint8Array, info: Uint8Array): TokenKey;
}
