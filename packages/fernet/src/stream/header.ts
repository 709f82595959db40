/** The header of a stream: eight bytes that identify the format, and the salt (FORMAT.md, "Header" and "Keys"). */

/** Size of the salt. */
export const saltBytes = 32;

/** "FERNETS" and the version of the format. */
const magic = Uint8Array.of(0x46, 0x45, 0x52, 0x4e, 0x45, 0x54, 0x53, 0x01);

/** Size of the header. */
export const headerBytes = magic.length + saltBytes;

/**
 * The HKDF info of a stream key. Each stream has a key of its own, derived from a Fernet key and the salt, which opens no other
 * stream and no token.
 */
export const streamKeyInfo = new TextEncoder().encode('fernet stream, version 1');

/** Returns the header with this salt. */
export function serialiseHeader(salt: Uint8Array): Uint8Array {
  const header = new Uint8Array(headerBytes);
  header.set(magic);
  header.set(salt, magic.length);
  return header;
}

/** Returns a copy of the salt; null for the header of another format or version. */
export function parseHeader(header: Uint8Array): Uint8Array | null {
  if (!magic.every((byte, i) => header[i] === byte)) return null;
  return new Uint8Array(header.subarray(magic.length));
}
