/** A private key that signs. It is unlocked once and used often, and cannot be exported. */
import { backend } from '#backend';
import { type Curve, type CurveOptions, curveOf, type KeyPair } from '../encoding/curve.ts';
import { encodePem } from '../encoding/pem.ts';
import { type SignatureEncoding, signatureCodec } from '../encoding/signature-encoding.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { lockWithSecret, unlockKeyPair, unlockWithSecret } from '../keys/encrypted-key.ts';
import { spkiFingerprint } from '../keys/public-key.ts';
import type { SerializedKeys } from '../keys/serialized-keys.ts';
import { type Domain, domainSeparated } from './domain.ts';

/** A private key that signs. */
export interface Signer {
  /** The curve of the key. Objects of this library name it; one without it has a key of P-384. */
  readonly curve?: Curve | undefined;
  /** SPKI DER: 120 bytes for P-384, 91 for P-256. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of `publicKey`: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /**
   * Signs `domainSeparated(domain, data)` with ECDSA over SHA-256. Every call returns another signature. Its s is low: at most
   * (n - 1) / 2.
   *
   * @param encoding `der` if omitted
   * @returns DER or, for `p1363`, r and s; `SignatureEncoding` states the sizes
   * @throws SignatureError `invalid-argument` like `domainSeparated`, and for another encoding
   */
  sign(domain: Domain, data: Uint8Array, encoding?: SignatureEncoding): Uint8Array;
}

/**
 * Opens an encrypted PEM (PKCS #8 `ENCRYPTED PRIVATE KEY`: PBES2 with scrypt or PBKDF2, and AES-CBC). Takes as long as an
 * attacker's guess: about 0.1 s for files of this package, at most a few seconds and 128 MiB for any file.
 *
 * @throws SignatureError `wrong-password` (ask again); `invalid-private-key` if the file is damaged, not encrypted, or
 *   demands more work than that; `unsupported-key` if the key is of another curve or type or is encrypted in another way;
 *   `invalid-argument`
 */
export function unlockSigner(privatePem: string, password: string, options: CurveOptions = {}): Signer {
  return createSigner(unlockKeyPair(privatePem, password, curveOf(options)));
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
export async function unlockKeyFile(
  privatePem: string,
  password: string,
  options: CurveOptions = {},
): Promise<UnlockedKeyFile> {
  const { pair, secret } = await unlockWithSecret(privatePem, password, curveOf(options));
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
export async function createKeyFile(password: string, options: CurveOptions = {}): Promise<NewKeyFile> {
  const pair = backend.generateKeyPair(curveOf(options));
  const { pem, secret } = await lockWithSecret(pair, password);
  const signer = createSigner(pair);
  return { privatePem: pem, publicPem: encodePem('PUBLIC KEY', signer.publicKey), signer, secret };
}

/**
 * Creates a signer with a new key that exists in memory only, for tests and bots.
 *
 * @throws SignatureError `invalid-argument` for unknown options
 */
export function generateSigner(options: CurveOptions = {}): Signer {
  return createSigner(backend.generateKeyPair(curveOf(options)));
}

/** Creates a signer from a key pair whose halves belong together. */
export function createSigner(pair: KeyPair): Signer {
  const sign = backend.signer(pair);
  const publicKey = encodeSpki(pair);
  return Object.freeze({
    curve: pair.curve.name,
    publicKey,
    fingerprint: spkiFingerprint(publicKey),
    sign(domain: Domain, data: Uint8Array, encoding: SignatureEncoding = 'der') {
      const { fromDer } = signatureCodec(encoding);
      return fromDer(sign(domainSeparated(domain, data)), pair.curve);
    },
  });
}
