/** Bytes into an envelope and back under one key ("Generating" and "Verifying" of the specification); its label is judged elsewhere. */
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

/** Memory of so many bytes: what they are at first does not matter, every one is written. */
export type Allocate = (length: number) => Uint8Array;

/** Memory that the caller of the library may keep. */
export const ownMemory: Allocate = (length) => new Uint8Array(length);

/** An IV must be used once only, and nobody may foresee it. Everything is written where it belongs and encrypted in its place. */
export function seal(
  key: TokenKey,
  label: Label,
  data: Uint8Array,
  iv: Uint8Array,
  allocate: Allocate = ownMemory,
): Uint8Array {
  const bytes = allocate(envelopeLength(paddedLength(data.length)));
  writeHead(bytes, label, iv);
  const place = ciphertextPart(bytes);
  writePadded(place, data);
  key.encrypt(iv, place);
  writeMac(bytes, key.authenticate(signedPart(bytes)));
  return bytes;
}

/** Undefined when the envelope was not made with this key. Nothing is decrypted before the MAC has been found right. */
export function open(key: TokenKey, envelope: ParsedEnvelope): Uint8Array | undefined {
  if (!key.verify(envelope.signed, envelope.mac)) return undefined;
  return unpad(key.decrypt(envelope.ivAndCiphertext));
}
