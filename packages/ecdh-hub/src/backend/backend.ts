/** The cryptographic operations that this library needs. `native.ts` and `portable.ts` implement them alike. */
import { HubError } from '../errors.ts';
import type { Suite } from '../suite.ts';

/** The arguments of HKDF besides the secret. */
export interface HkdfOptions {
  readonly salt: Uint8Array;
  /** At most 1024 bytes, which is the native backend's limit. */
  readonly info: Uint8Array;
  /** The size of the result in bytes. */
  readonly length: number;
}

/** The arguments of AES-128-GCM besides the text. */
export interface GcmOptions {
  /** 16 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** A cryptographic backend. */
export interface Backend {
  readonly agreements: Readonly<Record<Suite, Agreement>>;

  /** Computes SHA-256 (FIPS 180-4). */
  sha256(data: Uint8Array): Uint8Array;

  /** Computes HKDF with SHA-256 (RFC 5869). */
  hkdf(secret: Uint8Array, options: HkdfOptions): Uint8Array;

  /** Encrypts with AES-128-GCM (NIST SP 800-38D). Returns the ciphertext and, after it, the 16-byte tag. */
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

/** Returns the result of work that fails only if a public key is bad, and then throws `invalid-public-key`. */
export function withPublicKey<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new HubError('invalid-public-key', 'the public key is not a valid point of this curve', { cause });
  }
}
