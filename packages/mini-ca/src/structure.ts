/** Between DER and the schema classes. What decodes must encode again to the very same bytes (X.690 section 10). */
import { AsnConvert } from '@peculiar/asn1-schema';
import { requireCanonicalDer } from './canonical-der.ts';
import { CaError } from './errors.ts';

/** The schema's DER. Fails only when the caller filled the structure wrongly. */
export function encode(structure: object): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(structure));
}

/**
 * One structure of the given schema, from canonical DER.
 *
 * @throws CaError `malformed`
 */
export function decode<T extends object>(der: Uint8Array, schema: new () => T): T {
  requireCanonicalDer(der);
  let structure: T;
  let again: Uint8Array;
  try {
    structure = AsnConvert.parse(der, schema);
    again = encode(structure);
  } catch (cause) {
    throw new CaError('malformed', `not a well-formed ${schema.name}`, { cause });
  }
  // Catches what the walk cannot: default values written out, fields that the decoder skipped.
  if (Buffer.compare(again, der) !== 0) throw new CaError('malformed', `not a canonical ${schema.name}`);
  return structure;
}

/** The bytes of a schema's OCTET STRING, ANY or BIT STRING, for calls that take a buffer. */
export function bytesOf(value: ArrayBuffer | { buffer: ArrayBuffer }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(value instanceof ArrayBuffer ? value : value.buffer);
}

/** A copy that is exactly its own ArrayBuffer, which is what the schemas hold. */
export function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
