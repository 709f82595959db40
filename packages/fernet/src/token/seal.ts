/** Encrypts data to an envelope and decrypts it under one key ("Generating" and "Verifying" of the specification). */
import type { TokenKey } from '../backend/backend.ts';
import { paddedLength, unpad, writePadded } from '../encoding/padding.ts';
import {
  ciphertextPart,
  envelopeLength,
  type Label,
  type ParsedEnvelope,
  signedPart,
  writeHead,
  writeMac,
} from './envelope.ts';

/** Allocates memory whose initial content is irrelevant, because every byte of it is written. */
export type Allocate = (length: number) => Uint8Array;

/** Allocates memory that the caller of the library may keep. */
export const ownMemory: Allocate = (length) => new Uint8Array(length);

/** Options of `seal`. */
export interface SealOptions {
  /** 16 bytes that are used once only and that no attacker can predict. */
  readonly iv: Uint8Array;
  /** Allocates the envelope. Default: `ownMemory`. */
  readonly allocate?: Allocate;
}

/** Returns an envelope of the data. Every part is written to its place in the envelope, and the data are encrypted in place. */
export function seal(
  key: TokenKey,
  label: Label,
  data: Uint8Array,
  { iv, allocate = ownMemory }: SealOptions,
): Uint8Array {
  const bytes = allocate(envelopeLength(paddedLength(data.length)));
  writeHead(bytes, label, iv);
  const ciphertext = ciphertextPart(bytes);
  writePadded(ciphertext, data);
  key.encrypt(iv, ciphertext);
  writeMac(bytes, key.authenticate(signedPart(bytes)));
  return bytes;
}

/** Decrypts an envelope, after it has verified the MAC; null when the envelope was not made with this key. Ignores the label. */
export function open(key: TokenKey, envelope: ParsedEnvelope): Uint8Array | null {
  if (!key.verify(envelope.signed, envelope.mac)) return null;
  return unpad(key.decrypt(envelope.ivAndCiphertext));
}
