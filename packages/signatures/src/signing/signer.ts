/** A private key that signs. It is unlocked once and used often, and cannot be exported. */
import { backend } from '#backend';
import type { KeyPair } from '../encoding/p384.ts';
import { encodePem } from '../encoding/pem.ts';
import { type SignatureEncoding, signatureCodec } from '../encoding/signature-encoding.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { lockWithSecret, unlockKeyPair, unlockWithSecret } from '../keys/encrypted-key.ts';
import { spkiFingerprint } from '../keys/public-key.ts';
import type { SerializedKeys } from '../keys/serialized-keys.ts';
import { type Domain, domainSeparated } from './domain.ts';

/** A private key that signs. */
export interface Signer {
  /** SPKI DER, 120 bytes. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of `publicKey`: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /**
   * Signs `domainSeparated(domain, data)` with ECDSA over SHA-256. Every call returns another signature. Its s is low: at most
   * (n - 1) / 2.
   *
   * @param encoding `der` if omitted
   * @returns DER of at most 104 bytes, or 96 bytes for `p1363`
   * @throws SignatureError `invalid-argument` like `domainSeparated`, and for another encoding
   */
  sign(domain: Domain, data: Uint8Array, encoding?: SignatureEncoding): Uint8Array;
}

/**
 * Opens an encrypted PEM (PKCS #8 `ENCRYPTED PRIVATE KEY`: PBES2 with scrypt or PBKDF2, and AES-CBC). Takes as long as an
 * attacker's guess: about 0.1 s for files of this package, at most a few seconds and 128 MiB for any file.
 *
 * @throws SignatureError `wrong-password` (ask again); `invalid-private-key` if the file is damaged, not encrypted, or
 *   demands more work than that; `unsupported-key` if the key is not P-384 or is encrypted in another way;
 *   `invalid-argument`
 */
export function unlockSigner(privatePem: string, password: string): Signer {
  return createSigner(unlockKeyPair(privatePem, password));
}

/** A key file that was opened with its password. */
export interface UnlockedKeyFile {
  /** Signs with the private key. */
  readonly signer: Signer;
  /**
   * 32 bytes from the same run of the key derivation as the file's key, for keys of other files under the same password: derive
   * each with HKDF and a label of its own. They say nothing about the file's key or the private key. A file that is written anew
   * (`changePassword`, `upgradeKey`) has another secret.
   */
  readonly secret: Uint8Array;
}

/**
 * Opens an encrypted PEM like `unlockSigner`, off the main thread where the platform can, and returns a secret with it.
 *
 * @throws SignatureError like `unlockSigner`
 */
export async function unlockKeyFile(privatePem: string, password: string): Promise<UnlockedKeyFile> {
  const { pair, secret } = await unlockWithSecret(privatePem, password);
  return { signer: createSigner(pair), secret };
}

/** A new key file that is open already. */
export interface NewKeyFile extends SerializedKeys, UnlockedKeyFile {}

/**
 * Generates a key pair like `createSerializedKeys`, off the main thread where the platform can, and returns with its PEM texts what
 * `unlockKeyFile` would: the key derivation runs once for both.
 *
 * @throws SignatureError like `createSerializedKeys`
 */
export async function createKeyFile(password: string): Promise<NewKeyFile> {
  const pair = backend.generateKeyPair();
  const { pem, secret } = await lockWithSecret(pair, password);
  const signer = createSigner(pair);
  return { privatePem: pem, publicPem: encodePem('PUBLIC KEY', signer.publicKey), signer, secret };
}

/** Creates a signer with a new key that exists in memory only, for tests and bots. */
export function generateSigner(): Signer {
  return createSigner(backend.generateKeyPair());
}

/** Creates a signer from a key pair whose halves belong together. */
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
