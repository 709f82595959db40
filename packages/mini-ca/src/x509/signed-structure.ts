/** The structure that certificates, requests and revocation lists share: signed part, signature algorithm, signature. */
import { bitStringContent, requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { bitString, derTag, sequence } from '../der/der-writer.ts';
import type { SignedStructure, Signing } from './signature-algorithm.ts';

/**
 * Splits a structure, which must be one value in canonical DER.
 *
 * @param structureName its name in error messages
 * @returns views of `der`
 * @throws CaError `malformed`, `not-canonical`, `trailing-bytes`
 */
export function readSigned(der: Uint8Array, structureName: string): SignedStructure {
  requireCanonicalDer(der);
  const fields = DerReader.inside(der, derTag.sequence, structureName);
  const signed = fields.take(derTag.sequence).der;
  const algorithm = fields.take(derTag.sequence).der;
  const signature = bitStringContent(fields.take(derTag.bitString).der);
  fields.end();
  return { signed, algorithm, signature };
}

/** Signs `signed`, which already names the algorithm where its structure requires that. */
export function encodeSigned(signed: Uint8Array, { algorithm, sign }: Signing): Uint8Array {
  return sequence(signed, algorithm, bitString(sign(signed)));
}
