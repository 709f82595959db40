/**
 * The layout of a token ("Token Format" of the Fernet specification), which the chunks of a stream share: kind 1, number 8,
 * IV 16, ciphertext, MAC 32 bytes. A token's kind is what the specification calls its version, its number is a timestamp.
 */
import { readUint64, type Uint64, writeUint64 } from '../encoding/uint64.ts';

export const IV_LENGTH = 16;
export const BLOCK_LENGTH = 16;

/** What an envelope says in the clear. */
export interface Label {
  readonly kind: number;
  readonly number: Uint64;
}

const NUMBER_AT = 1;
const IV_AT = 9;
const CIPHERTEXT_AT = IV_AT + IV_LENGTH;
const MAC_LENGTH = 32;
const MIN_LENGTH = CIPHERTEXT_AT + BLOCK_LENGTH + MAC_LENGTH;

/** An envelope taken apart, nothing of it verified but its shape. All parts are views of its bytes. */
export interface ParsedEnvelope extends Label {
  /** All that the MAC covers: everything before it. */
  readonly signed: Uint8Array;
  /** The IV and, right after it, a whole number of blocks, at least one. */
  readonly ivAndCiphertext: Uint8Array;
  readonly mac: Uint8Array;
}

/** Undefined when the bytes do not have the shape of an envelope of this kind. */
export function parseEnvelope(bytes: Uint8Array, kind: number): ParsedEnvelope | undefined {
  const macAt = bytes.length - MAC_LENGTH;
  if (bytes.length < MIN_LENGTH || bytes[0] !== kind || (macAt - CIPHERTEXT_AT) % BLOCK_LENGTH !== 0) return undefined;
  return {
    kind,
    number: readUint64(bytes, NUMBER_AT),
    signed: signedPart(bytes),
    ivAndCiphertext: bytes.subarray(IV_AT, macAt),
    mac: bytes.subarray(macAt),
  };
}

/** All that the MAC covers: everything before it. A view, as are the other parts. */
export function signedPart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length - MAC_LENGTH);
}

/** Where the ciphertext stands, or is to stand. */
export function ciphertextPart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(CIPHERTEXT_AT, bytes.length - MAC_LENGTH);
}

/** Writes what comes before the ciphertext. */
export function writeHead(bytes: Uint8Array, { kind, number }: Label, iv: Uint8Array): void {
  bytes[0] = kind;
  writeUint64(bytes, NUMBER_AT, number);
  bytes.set(iv, IV_AT);
}

export function writeMac(bytes: Uint8Array, mac: Uint8Array): void {
  bytes.set(mac, bytes.length - MAC_LENGTH);
}

export function envelopeLength(ciphertextLength: number): number {
  return CIPHERTEXT_AT + ciphertextLength + MAC_LENGTH;
}
