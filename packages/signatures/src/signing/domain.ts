/**
 * Domain separation: the purpose of a signature is signed together with the data, so that a signature is valid for one
 * purpose only.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { SignatureError } from '../errors.ts';
import { bytesInput, requireOptions, textInput } from '../input.ts';

/** The purpose of a signature. A signature that is made under one domain verifies under no other. */
export interface Domain {
  /** The protocol and its version, for example `chat/1`. Not empty. */
  readonly protocol: string;
  /** The type of the signed data within the protocol, for example `message`. Not empty. */
  readonly purpose: string;
  /** The place to which the data belongs, for example a room's identifier. Empty if there is none. */
  readonly context: string;
}

/** 32 bytes. The version changes when the encoding does. */
const label = new TextEncoder().encode('@chat/signatures domain sig. v1\n');

const domainFields = ['protocol', 'purpose', 'context'];

const lengthBytes = 4;

/**
 * Returns the exact bytes that a `Signer` signs: the 32 bytes `@chat/signatures domain sig. v1\n`; then protocol, purpose
 * and context, each as the length of its UTF-8 form in bytes (32-bit big-endian) and that form; then the data. Two different
 * pairs of domain and data never give the same bytes.
 *
 * @throws SignatureError `invalid-argument` for an empty protocol or purpose, for fields that are not Unicode text, and for
 *   data that is not bytes
 */
export function domainSeparated(domain: Domain, data: Uint8Array): Uint8Array {
  requireOptions(domain, 'domain', domainFields);
  const protocol = textInput(domain.protocol, "domain's protocol");
  const purpose = textInput(domain.purpose, "domain's purpose");
  const context = textInput(domain.context, "domain's context");
  if (protocol.length === 0 || purpose.length === 0) {
    throw new SignatureError(
      'invalid-argument',
      'a domain names its protocol and its purpose: only its context may be empty',
    );
  }
  return concatBytes(label, lengthPrefixed(protocol, purpose, context), bytesInput(data, 'data'));
}

/** Returns whether data could be the output of `domainSeparated`. */
export function isReserved(data: Uint8Array): boolean {
  return label.every((byte, at) => data[at] === byte);
}

/**
 * Joins the fields, each after its length in bytes (32-bit big-endian). Two different lists of fields never give the same
 * bytes.
 */
export function lengthPrefixed(...fields: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + lengthBytes + field.length, 0));
  const view = new DataView(bytes.buffer);
  let end = 0;
  for (const field of fields) {
    view.setUint32(end, field.length);
    bytes.set(field, end + lengthBytes);
    end += lengthBytes + field.length;
  }
  return bytes;
}
