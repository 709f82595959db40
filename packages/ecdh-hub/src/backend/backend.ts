/** The cryptographic operations that this library needs. `native.ts` and `portable.ts` implement them alike. */
import { HubError } from '../errors.ts';
import type { CurveSuite } from '../suite.ts';

/** The arguments of HKDF besides the secret. */
export interface HkdfOptions {
  readonly salt: Uint8Array;
  /** At most 1024 bytes, which is the native backend's limit. */
  readonly info: Uint8Array;
  /** The size of the result in bytes. */
  readonly length: number;
  /** `sha256` if omitted. */
  readonly hash?: 'sha256' | 'sha384';
}

/** The arguments of AES-GCM besides the text. */
export interface GcmOptions {
  /** 16 bytes for AES-128, 32 for AES-256. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** A cryptographic backend. */
export interface Backend {
  readonly agreements: Readonly<Record<CurveSuite, Agreement>> & { readonly X25519: GeneratingAgreement };

  /** ML-KEM-768. */
  readonly mlKem: MlKem;

  /** Computes SHA-256 (FIPS 180-4). */
  sha256(data: Uint8Array): Uint8Array;

  /** Computes SHA3-256 (FIPS 202). */
  sha3(data: Uint8Array): Uint8Array;

  /** Computes `length` bytes of SHAKE256 (FIPS 202). */
  shake256(data: Uint8Array, length: number): Uint8Array;

  /** Computes HKDF (RFC 5869). */
  hkdf(secret: Uint8Array, options: HkdfOptions): Uint8Array;

  /** Encrypts with AES-GCM (NIST SP 800-38D). Returns the ciphertext and, after it, the 16-byte tag. */
  seal(options: GcmOptions, plaintext: Uint8Array): Uint8Array;

  /** Decrypts the output of `seal`. Returns `null` if the tag does not match. */
  open(options: GcmOptions, sealed: Uint8Array): Uint8Array | null;
}

/**
 * Diffie-Hellman in one group. The callers check sizes, forms and ranges; the backend checks that points are on the curve.
 * `check` and `agree` take a public key in either form, uncompressed or compressed (SEC 1, section 2.3.3).
 */
export interface Agreement {
  /** Imports a private key and computes its public key. */
  derive(privateKey: Uint8Array): Party;

  /** Imports a stored pair without computing its public key again. Throws `invalid-public-key` if that is not on the curve. */
  load(privateKey: Uint8Array, publicKey: Uint8Array): Party;

  /** Throws `invalid-public-key` for exactly those public keys with which no private key can agree. */
  check(publicKey: Uint8Array): void;
}

/** Diffie-Hellman whose key pairs the backend can also draw itself, from the platform's secure generator. */
export interface GeneratingAgreement extends Agreement {
  /** Makes a fresh pair. The native backend does so in half the time that it takes to import drawn bytes. */
  generate(): Party;
}

/** One side of an agreement. Use it before the bytes that it came from are wiped. */
export interface Party {
  readonly publicKey: Uint8Array;

  /**
   * Computes the shared secret with the owner of another public key: the X coordinate (SEC 1, section 3.3.1) or the output
   * of X25519. Throws `invalid-public-key` for a point that is not on the curve or that makes the secret all zero.
   *
   * @param owner a frozen object to which this public key belongs permanently. A backend may keep the imported key as long
   *   as this object exists, because an import can take as long as an agreement.
   */
  agree(publicKey: Uint8Array, owner?: object): Uint8Array;
}

/** The sizes of ML-KEM-768 in bytes (FIPS 203, section 8). */
export const mlKemBytes = { seed: 64, publicKey: 1184, ciphertext: 1088, message: 32 } as const;

/** ML-KEM-768 (FIPS 203). The callers check sizes. */
export interface MlKem {
  /** Expands the seed d || z to a key pair. */
  derive(seed: Uint8Array): MlKemPair;

  /** Makes a shared secret of 32 bytes and its ciphertext. Throws `invalid-public-key` for a key that section 7.2 refuses. */
  encapsulate(publicKey: Uint8Array, options: MlKemOptions): MlKemEncapsulated;
}

/** The options of `MlKem.encapsulate`. */
export interface MlKemOptions {
  /** The 32 random bytes that determine the result. `null`: the backend draws them, which takes a native one less time. */
  readonly message: Uint8Array | null;
  /** As for `Party.agree`. */
  readonly owner?: object | undefined;
}

/** The result of `MlKem.encapsulate`. */
export interface MlKemEncapsulated {
  readonly ciphertext: Uint8Array;
  readonly sharedSecret: Uint8Array;
}

/** A key pair of ML-KEM-768. */
export interface MlKemPair {
  readonly publicKey: Uint8Array;

  /** Computes the shared secret. A ciphertext that was not made for this key gives another one (FIPS 203, section 7.3). */
  decapsulate(ciphertext: Uint8Array): Uint8Array;
}

/** Returns the result of work that fails only if a public key is bad, and then throws `invalid-public-key`. */
export function withPublicKey<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new HubError('invalid-public-key', 'the public key is not a valid one of its suite', { cause });
  }
}
