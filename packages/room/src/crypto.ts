/** The port for cryptography. `createRoomCrypto` implements it; simulations supply their own. */
import type { Fingerprint } from '@chat/protocol';

/** A signature domain. A signature made under one domain never verifies under another. */
export interface Domain {
  /** Name and version of the protocol. */
  readonly protocol: string;
  /** What the signature is for. */
  readonly purpose: string;
  /** The room, server or other object for which it is valid. */
  readonly context: string;
}

/** The local user's identity key. */
export interface Signer {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** Fingerprint of `publicKey`. */
  readonly fingerprint: Fingerprint;
  /** Signs `data` under `domain`: ECDSA P-384 with SHA-256, in DER, with a low s. */
  sign(domain: Domain, data: Uint8Array): Uint8Array;
}

/** An ECDH key pair to which epoch secrets are wrapped. */
export interface Prekey {
  /** An uncompressed P-384 point, 97 bytes. */
  readonly publicKey: Uint8Array;
  /** The private scalar, 48 bytes. */
  readonly privateKey: Uint8Array;
}

/** A signature with everything that decides whether it is valid. */
export interface Signed {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly domain: Domain;
  readonly data: Uint8Array;
  /** DER. */
  readonly signature: Uint8Array;
  /** Whether a high s makes the signature invalid. */
  readonly lowS: boolean;
}

/** The cryptographic operations that a room needs. */
export interface RoomCrypto {
  /**
   * Verifies a signature, whose s must be low: with either s, the server could replace a signature by another valid one. Returns
   * false for a malformed key or signature too; never throws.
   */
  verify(publicKey: Uint8Array, domain: Domain, data: Uint8Array, signature: Uint8Array): boolean;
  /** Verifies a signature with either s, for the entries of rooms that were created before a low s was required. */
  verifyEitherS(publicKey: Uint8Array, domain: Domain, data: Uint8Array, signature: Uint8Array): boolean;
  /**
   * Verifies like `verify` or, without `lowS`, like `verifyEitherS`, off the main thread: several checks run at once. Default: none,
   * and each signature is verified where it is needed.
   */
  readonly verifyAsync?: ((signed: Signed) => Promise<boolean>) | undefined;
  /** Returns the SHA-256 of the key in lower-case hex. */
  fingerprint(publicKey: Uint8Array): Fingerprint;
  /** Returns `bytes` random bytes. */
  random(bytes: number): Uint8Array;
  /** Derives 32 bytes with HKDF-SHA-256; `label` is the info. */
  derive(secret: Uint8Array, label: string): Uint8Array;
  /** Encrypts to a raw Fernet token whose timestamp is `at`, in milliseconds since 1970. */
  encrypt(key: Uint8Array, plaintext: Uint8Array, at: number): Uint8Array;
  /** Decrypts a raw Fernet token; null when it was not made with this key. */
  decrypt(key: Uint8Array, token: Uint8Array): Uint8Array | null;
  /** Creates a prekey. */
  newPrekey(): Prekey;
  /** Wraps a secret to a prekey; null when `recipient` is not a valid public key. */
  wrap(recipient: Uint8Array, secret: Uint8Array, context: Uint8Array): Uint8Array | null;
  /** Unwraps a secret; null when the envelope was made for another prekey or context. */
  unwrap(prekey: Prekey, envelope: Uint8Array, context: Uint8Array): Uint8Array | null;
}
