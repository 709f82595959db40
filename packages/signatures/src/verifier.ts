/** A public key that checks signatures. */

import { bytesToHex, isBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import type { Verify } from './backend/backend.ts';
import { isDerSignature } from './der-signature.ts';
import { type Domain, domainSeparated } from './domain.ts';
import { decodePem } from './pem.ts';
import { SignatureError } from './signature-error.ts';
import { decodeSpki } from './spki.ts';

export interface Verifier {
  /** SPKI DER, 120 bytes. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of `publicKey`: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /**
   * Whether this key signed the data under this domain. False for anything else, malformed signatures included; throws
   * `invalid-argument` only for a domain or data that could not have been signed.
   */
  verify(domain: Domain, data: Uint8Array, signature: Uint8Array): boolean;
}

/** A public key from outside, checked, together with the means to use it. */
interface PublicKey {
  readonly spki: Uint8Array;
  readonly verify: Verify;
}

/**
 * Imports a P-384 public key (RFC 5480): SPKI DER, or the same in PEM (`PUBLIC KEY`). Import once and verify often.
 *
 * Throws `invalid-public-key` for other curves, points not on the curve, compressed points, and any DER but the
 * canonical one.
 */
export function importVerifier(publicKey: Uint8Array | string): Verifier {
  const { spki, verify } = importPublicKey(publicKey);
  return Object.freeze({
    publicKey: spki,
    fingerprint: spkiFingerprint(spki),
    verify: (domain: Domain, data: Uint8Array, signature: Uint8Array) =>
      verify(domainSeparated(domain, data), signature),
  });
}

/**
 * SHA-256 of a public key's SPKI DER as 64 lower-case hexadecimal digits: the short name of a key, the same in every
 * representation of it. Takes and throws what `importVerifier` does.
 */
export function fingerprint(publicKey: Uint8Array | string): string {
  return spkiFingerprint(importPublicKey(publicKey).spki);
}

export function importPublicKey(publicKey: Uint8Array | string): PublicKey {
  const der = typeof publicKey === 'string' ? decodePem('PUBLIC KEY', publicKey) : publicKey;
  const point = isBytes(der) ? decodeSpki(der) : undefined;
  const verify = point && backend.verifier(point);
  if (!isBytes(der) || verify === undefined) {
    throw new SignatureError(
      'invalid-public-key',
      'Not a P-384 public key: expected SPKI DER, or PEM (PUBLIC KEY), with a named curve and an uncompressed point.',
    );
  }
  return {
    spki: Uint8Array.from(der),
    verify: (message, signature) => isBytes(signature) && isDerSignature(signature) && verify(message, signature),
  };
}

export function spkiFingerprint(spki: Uint8Array): string {
  return bytesToHex(backend.sha256(spki));
}
