/** The layout of a token ("Token Format" of the Fernet specification): version 1, timestamp 8, IV 16, ciphertext, MAC 32 bytes. */
import { readTimestamp, type Timestamp, writeTimestamp } from './timestamp.ts';

export const IV_LENGTH = 16;
export const BLOCK_LENGTH = 16;

const VERSION = 0x80;
const TIMESTAMP_AT = 1;
const IV_AT = 9;
const CIPHERTEXT_AT = IV_AT + IV_LENGTH;
const MAC_LENGTH = 32;
const MIN_LENGTH = CIPHERTEXT_AT + BLOCK_LENGTH + MAC_LENGTH;

/** A token taken apart, nothing of it verified but its shape. All parts are views of the token's bytes. */
export interface ParsedToken {
  readonly timestamp: Timestamp;
  /** All that the MAC covers: everything before it. */
  readonly signed: Uint8Array;
  /** The IV and, right after it, a whole number of blocks, at least one. */
  readonly ivAndCiphertext: Uint8Array;
  readonly mac: Uint8Array;
}

/** Undefined when the bytes do not have the shape of a token. */
export function parseToken(bytes: Uint8Array): ParsedToken | undefined {
  const macAt = bytes.length - MAC_LENGTH;
  if (bytes.length < MIN_LENGTH || bytes[0] !== VERSION || (macAt - CIPHERTEXT_AT) % BLOCK_LENGTH !== 0)
    return undefined;
  return {
    timestamp: readTimestamp(bytes, TIMESTAMP_AT),
    signed: bytes.subarray(0, macAt),
    ivAndCiphertext: bytes.subarray(IV_AT, macAt),
    mac: bytes.subarray(macAt),
  };
}

/** Puts a token together; `authenticate` computes the MAC of all that stands before it. */
export function serialiseToken(
  timestamp: Timestamp,
  iv: Uint8Array,
  ciphertext: Uint8Array,
  authenticate: (signed: Uint8Array) => Uint8Array,
): Uint8Array {
  const macAt = CIPHERTEXT_AT + ciphertext.length;
  const bytes = new Uint8Array(macAt + MAC_LENGTH);
  bytes[0] = VERSION;
  writeTimestamp(bytes, TIMESTAMP_AT, timestamp);
  bytes.set(iv, IV_AT);
  bytes.set(ciphertext, CIPHERTEXT_AT);
  bytes.set(authenticate(bytes.subarray(0, macAt)), macAt);
  return bytes;
}
