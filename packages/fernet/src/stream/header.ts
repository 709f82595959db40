/** How a stream begins: eight bytes that say what it is, and its salt. FORMAT.md, "Header" and "Keys". */
import type { TokenKey } from '../backend/backend.ts';

export const SALT_LENGTH = 32;

/** "FERNETS" and the version of the format. */
const MAGIC = Uint8Array.of(0x46, 0x45, 0x52, 0x4e, 0x45, 0x54, 0x53, 0x01);

export const HEADER_LENGTH = MAGIC.length + SALT_LENGTH;

const KEY_PURPOSE = new TextEncoder().encode('fernet stream, version 1');

export function serialiseHeader(salt: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER_LENGTH);
  header.set(MAGIC);
  header.set(salt, MAGIC.length);
  return header;
}

/** The salt, as a copy. Undefined when it is the header of something else, or of a later version. */
export function parseHeader(header: Uint8Array): Uint8Array | undefined {
  if (!MAGIC.every((byte, i) => header[i] === byte)) return undefined;
  return new Uint8Array(header.subarray(MAGIC.length));
}

/** The key of one stream. It opens no other stream and no token, and no Fernet key opens the stream without it. */
export function streamKey(key: TokenKey, salt: Uint8Array): TokenKey {
  return key.derive(salt, KEY_PURPOSE);
}
