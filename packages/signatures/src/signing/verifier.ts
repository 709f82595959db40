/** A public key that checks signatures. */

import { type SignatureEncoding, signatureCodec } from '../encoding/signature-encoding.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { importPublicKey, type PublicKeyInput, spkiFingerprint } from '../keys/public-key.ts';
import { type Domain, domainSeparated } from './domain.ts';

export interface Verifier {
  /** SPKI DER, 120 bytes. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of `publicKey`: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /**
   * Whether this key signed the data under this domain, and wrote the signature in this encoding (DER if not said).
   * False for anything else, malformed signatures included; throws `invalid-argument` only for a domain, data or
   * encoding that could not have been signed.
   */
  verify(domain: Domain, data: Uint8Array, signature: Uint8Array, encoding?: SignatureEncoding): boolean;
}

/**
 * Imports a P-384 public key: SPKI DER (RFC 5480), the same in PEM (`PUBLIC KEY`), or a JWK as an object (RFC 7518).
 * Import once and verify often.
 *
 * Throws `invalid-public-key` for other curves, points not on the curve, compressed points, any DER but the canonical
 * one, and a JWK that is private, has coordinates of other than 48 bytes, or says by `use`, `key_ops` or `alg` that it
 * is not for this.
 */
export function importVerifier(publicKey: PublicKeyInput): Verifier {
  const { point, verify } = importPublicKey(publicKey);
  const spki = encodeSpki(point);
  return Object.freeze({
    publicKey: spki,
    fingerprint: spkiFingerprint(spki),
    verify(domain: Domain, data: Uint8Array, signature: Uint8Array, encoding: SignatureEncoding = 'der') {
      const der = signatureCodec(encoding).toDer(signature);
      const message = domainSeparated(domain, data);
      return der !== undefined && verify(message, der);
    },
  });
}
