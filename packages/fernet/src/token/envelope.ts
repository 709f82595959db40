/**
 * The layout of a token ("Token Format" of the Fernet specification), which the chunks of a stream share: kind (1 byte), number
 * (8), IV (16), ciphertext, MAC (32). For a token, the kind is the specification's version and the number is the timestamp.
 */
import { blockBytes, ivBytes } from '../encoding/aes-block.ts';
import { readUint64, type Uint64, writeUint64 } from '../encoding/uint64.ts';

/** The plaintext fields of an envelope. */
export interface Label {
  readonly kind: number;
  readonly number: Uint64;
}

const numberOffset = 1;
const ivOffset = 9;
const ciphertextOffset = ivOffset + ivBytes;
const macBytes = 32;
const minEnvelopeBytes = ciphertextOffset + blockBytes + macBytes;

/** The parts of an envelope, of which only the layout has been verified. All parts are views of the envelope's bytes. */
export interface ParsedEnvelope extends Label {
  /** The bytes that the MAC covers: everything before it. */
  readonly signed: Uint8Array;
  /** The IV followed by one or more whole blocks. */
  readonly ivAndCiphertext: Uint8Array;
  readonly mac: Uint8Array;
}

/** Parses an envelope; null when the bytes do not have the layout of an envelope of this kind. */
export function parseEnvelope(bytes: Uint8Array, kind: number): ParsedEnvelope | null {
  const macOffset = bytes.length - macBytes;
  if (bytes.length < minEnvelopeBytes || bytes[0] !== kind || (macOffset - ciphertextOffset) % blockBytes !== 0) {
    return null;
  }
  return {
    kind,
    number: readUint64(bytes, numberOffset),
    signed: signedPart(bytes),
    ivAndCiphertext: bytes.subarray(ivOffset, macOffset),
    mac: bytes.subarray(macOffset),
  };
}

/** Returns a view of the bytes that the MAC covers. */
export function signedPart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length - macBytes);
}

/** Returns a view of the ciphertext. */
export function ciphertextPart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(ciphertextOffset, bytes.length - macBytes);
}

/** Writes the fields before the ciphertext. */
export function writeHead(bytes: Uint8Array, { kind, number }: Label, iv: Uint8Array): void {
  bytes[0] = kind;
  writeUint64(bytes, numberOffset, number);
  bytes.set(iv, ivOffset);
}

/** Writes the MAC. */
export function writeMac(bytes: Uint8Array, mac: Uint8Array): void {
  bytes.set(mac, bytes.length - macBytes);
}

/** Returns the size of an envelope with a ciphertext of this size. */
export function envelopeLength(ciphertextLength: number): number {
  return ciphertextOffset + ciphertextLength + macBytes;
}
