/** What the library asks of a cryptographic backend. Two implement it, and tests cross them: `native.ts`, `portable.ts`. */
import { HubError } from '../errors.ts';
import type { Suite } from '../keys/suite.ts';

export interface Backend {
  readonly agreements: Readonly<Record<Suite, Agreement>>;

  /** SHA-256, FIPS 180-4. */
  sha256(data: Uint8Array): Uint8Array;

  /** HKDF with SHA-256, RFC 5869. `info` may be up to 1024 bytes, which is the native backend's limit. */
  hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;

  /** AES-128-GCM with a 12-byte `iv`: the ciphertext, then the 16-byte tag. NIST SP 800-38D. */
  seal(key: Uint8Array, iv: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;

  /** The plaintext that `seal` was given, or `undefined` when the tag does not match. */
  open(key: Uint8Array, iv: Uint8Array, associatedData: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/**
 * Diffie-Hellman in one group. Sizes, forms and ranges are checked before; membership of the curve is checked here.
 * `check` and `agree` take another's public key in either form, uncompressed or compressed (SEC 1 section 2.3.3).
 */
export interface Agreement {
  /** The pair of a private key, its public key computed. */
  derive(privateKey: Uint8Array): Party;

  /** A stored pair, its public key not computed again. Throws `invalid-public-key` if that is no point of the curve. */
  load(privateKey: Uint8Array, publicKey: Uint8Array): Party;

  /** Throws `invalid-public-key` for exactly those public keys that no private key agrees with. */
  check(publicKey: Uint8Array): void;
}

/** One side of an agreement. Use it before the bytes that it came from are wiped. */
export interface Party {
  readonly publicKey: Uint8Array;

  /**
   * The shared secret with the owner of another public key: the X coordinate (SEC 1 section 3.3.1) or X25519's output.
   * Throws `invalid-public-key` for a point that is not on the curve, and for one that makes the secret all zero.
   *
   * @param owner something frozen to which this public key belongs for good: what a backend makes of the key may then be
   *   kept for as long as it is there, since importing one can take as long as agreeing
   */
  agree(publicKey: Uint8Array, owner?: object): Uint8Array;
}

/** The result of work that fails only if a public key is bad. */
export function withPublicKey<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new HubError('invalid-public-key', 'the public key is not a valid point of this curve', { cause });
  }
}
