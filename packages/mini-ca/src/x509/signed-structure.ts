/** The form that certificates, requests and revocation lists share: what is signed, with which algorithm, the signature. */
import { bitStringContent, requireCanonicalDer } from '../der/canonical-der.ts';
import { DerReader } from '../der/der-reader.ts';
import { bitString, derTag, sequence } from '../der/der-writer.ts';
import type { Signing } from './signature-algorithm.ts';

/** All parts are DER, and views. */
export interface SignedStructure {
  /** The signed part. */
  readonly signed: Uint8Array;
  /** The AlgorithmIdentifier. */
  readonly algorithm: Uint8Array;
  /** The content of the BIT STRING. */
  readonly signature: Uint8Array;
}

/**
 * Takes a structure apart that is one canonical DER value.
 *
 * @param what it is, as messages name it
 * @throws CaError `malformed`, `not-canonical`, `trailing-bytes`
 */
export function readSigned(der: Uint8Array, what: string): SignedStructure {
  requireCanonicalDer(der);
  const fields = DerReader.inside(der, derTag.sequence, what);
  const signed = fields.take(derTag.sequence).der;
  const algorithm = fields.take(derTag.sequence).der;
  const signature = bitStringContent(fields.take(derTag.bitString).der);
  fields.end();
  return { signed, algorithm, signature };
}

/** Signs a part that names the algorithm itself where it has to. */
export function encodeSigned(signed: Uint8Array, { algorithm, sign }: Signing): Uint8Array {
  return sequence(signed, algorithm, bitString(sign(signed)));
}
