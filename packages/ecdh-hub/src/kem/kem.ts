/**
 * Key encapsulation, one mechanism for each suite: DHKEM (RFC 9180, section 4.1) on a curve, and X-Wing
 * (draft-connolly-cfrg-xwing-kem-10). The callers check sizes and forms.
 */
import type { RandomBytes } from '../random.ts';

/** A key encapsulation mechanism. Feed its secrets to a key derivation, and authenticate what is encrypted under them. */
export interface Kem {
  /** Imports a private key and computes its public key. */
  derive(privateKey: Uint8Array): Decapsulator;

  /** Imports a stored pair without checking that its halves belong together. May throw `invalid-public-key`. */
  load(privateKey: Uint8Array, publicKey: Uint8Array): Decapsulator;

  /** Throws `invalid-public-key` for exactly those public keys for which nothing can be encapsulated. */
  check(publicKey: Uint8Array): void;

  /** Makes a shared secret, and the encapsulation of which only the owner of the public key computes it. */
  encapsulate(publicKey: Uint8Array, options: EncapsulateOptions): Encapsulated;
}

/** The options of `Kem.encapsulate`. */
export interface EncapsulateOptions {
  /**
   * Draws an ephemeral private key; for X-Wing 64 bytes, of which the first 32 are for ML-KEM. With `secureRandom`, the
   * backend draws those itself, which takes a native one less time.
   */
  readonly random: RandomBytes;
  /** As for `Party.agree`. */
  readonly owner?: object | undefined;
}

/** The result of `Kem.encapsulate`. */
export interface Encapsulated {
  /** `encapsulationBytes` of the suite. Public. */
  readonly encapsulation: Uint8Array;
  /** `sharedSecretBytes` of the suite. The caller wipes it. */
  readonly sharedSecret: Uint8Array;
}

/** The owner of a key pair. Use it before the bytes that it came from are wiped. */
export interface Decapsulator {
  readonly publicKey: Uint8Array;

  /**
   * Computes the shared secret of an encapsulation. One that was made for another key, or was changed, gives another secret
   * or throws `invalid-public-key`.
   */
  decapsulate(encapsulation: Uint8Array): Uint8Array;
}
