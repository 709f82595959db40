/**
 * Domain separation: what a signature is for is part of what is signed, so that it can never pass for something else.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { SignatureError } from '../errors.ts';
import { bytesInput, textInput } from '../input.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/** What a signature is for. A signature made under one domain verifies under no other, however alike. */
export interface Domain {
  /** The protocol and its version, e.g. `chat/1`. Not empty. */
  readonly protocol: string;
  /** What the signed data is within the protocol, e.g. `message`. Not empty. */
  readonly purpose: string;
  /** Where it belongs, e.g. a room's identifier. Empty when there is no such place. */
  readonly context: string;
}

/** 32 bytes; the version changes if ever the encoding does. */
const label = new TextEncoder().encode('@chat/signatures domain sig. v1\n');

/**
 * The exact bytes that a `Signer` signs: the 32 bytes `@chat/signatures domain sig. v1\n`; then protocol, purpose and
 * context, each as the length of its UTF-8 form (32-bit big-endian, bytes) and that form; then the data. No two pairs
 * of domain and data give the same bytes.
 *
 * Throws `invalid-argument` for an empty protocol or purpose, for fields that are not Unicode text, and for data that
 * is not bytes.
 */
export function domainSeparated(domain: Domain, data: Uint8Array): Uint8Array {
  const protocol = textInput(domain.protocol, "domain's protocol");
  const purpose = textInput(domain.purpose, "domain's purpose");
  const context = textInput(domain.context, "domain's context");
  if (protocol.length === 0 || purpose.length === 0) {
    throw new SignatureError(
      'invalid-argument',
      'A domain names its protocol and its purpose; only its context may be empty.',
    );
  }
  return concatBytes(label, lengthPrefixed(protocol, purpose, context), bytesInput(data, 'data'));
}

/** Whether data could be taken for the output of `domainSeparated`. */
export function isReserved(data: Uint8Array): boolean {
  return label.every((byte, at) => data[at] === byte);
}
