/** A private key that signs: unlocked once, used often. The key itself cannot be taken out again. */
import { backend } from '#backend';
import type { KeyPair } from '../encoding/p384.ts';
import { type SignatureEncoding, signatureCodec } from '../encoding/signature-encoding.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { unlockKeyPair } from '../keys/encrypted-key.ts';
import { spkiFingerprint } from '../keys/public-key.ts';
import { type Domain, domainSeparated } from './domain.ts';

export interface Signer {
  /** SPKI DER, 120 bytes. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of `publicKey`: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /**
   * ECDSA over SHA-256 of `domainSeparated(domain, data)`: DER (at most 104 bytes) if not said otherwise, different
   * each time. Throws `invalid-argument` as `domainSeparated` does, and for another encoding.
   */
  sign(domain: Domain, data: Uint8Array, encoding?: SignatureEncoding): Uint8Array;
}

/**
 * Opens an encrypted PEM (PKCS #8 `ENCRYPTED PRIVATE KEY`: PBES2 with scrypt or PBKDF2, and AES-CBC). Takes about as
 * long as an attacker's guess: 0.1 s for keys made here, at most a few seconds and 128 MiB for any file.
 *
 * Throws `wrong-password` (ask again), `invalid-private-key` (damaged, not encrypted, or asks for more work than that),
 * `unsupported-key` (not P-384, or encrypted in another way), `invalid-argument`.
 */
export function unlockSigner(privatePem: string, password: string): Signer {
  return createSigner(unlockKeyPair(privatePem, password));
}

/** A new key that lives in memory only: for tests and bots. */
export function generateSigner(): Signer {
  return createSigner(backend.generateKeyPair());
}

/** Takes a key pair that belongs together. */
export function createSigner(pair: KeyPair): Signer {
  const sign = backend.signer(pair);
  const publicKey = encodeSpki(pair.point);
  return Object.freeze({
    publicKey,
    fingerprint: spkiFingerprint(publicKey),
    sign(domain: Domain, data: Uint8Array, encoding: SignatureEncoding = 'der') {
      const { fromDer } = signatureCodec(encoding);
      return fromDer(sign(domainSeparated(domain, data)));
    },
  });
}
