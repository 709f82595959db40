/** Hashes and text encodings of bytes. `native.ts` and `portable.ts` implement them; `#backend` picks one. */

/** Hashes and encodings. Both implementations give the same results and refuse the same texts. */
export interface Backend {
  /** Returns the SHA-256: 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
  /** Returns the SHA-256 in lower-case hex. */
  sha256Hex(data: Uint8Array): string;
  /** Encodes bytes as lower-case hex: all of them, or those from `start` up to, not including, `end`. */
  toHex(bytes: Uint8Array, start?: number, end?: number): string;
  /**
   * Decodes hex.
   *
   * @throws Error when the text is not hex of whole bytes
   */
  fromHex(text: string): Uint8Array;
  /**
   * Decodes hex into a buffer, from a place on.
   *
   * @throws Error when the text is not hex of whole bytes, or the buffer has no room for them
   */
  putHex(text: string, into: Uint8Array, at: number): void;
  /** Returns bytes of any content, for what is written over all of them at once and not kept for long. */
  allocate(length: number): Uint8Array;
  /** Encodes bytes as unpadded base64url (RFC 4648, section 5). */
  toBase64url(bytes: Uint8Array): string;
  /**
   * Decodes base64url.
   *
   * @throws Error when the text is not canonical, unpadded base64url (RFC 4648, section 5)
   */
  fromBase64url(text: string): Uint8Array;
}
