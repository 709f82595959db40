/** The cryptographic operations that this library needs. `native.ts` and `portable.ts` implement them; `#backend` picks one. */
import type { CurveParameters, KeyPair, PublicPoint } from '../encoding/curve.ts';

/** The hash functions of PBKDF2. */
export type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** The parameters of scrypt (RFC 7914, section 2): 128·N·r bytes of memory, work in proportion to N·r·p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** The arguments of scrypt besides the password. */
export interface ScryptOptions extends ScryptCost {
  readonly salt: Uint8Array;
  /** The size of the result in bytes. */
  readonly length: number;
}

/** The arguments of PBKDF2 besides the password. */
export interface Pbkdf2Options {
  readonly hash: Hash;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** The size of the result in bytes. */
  readonly length: number;
}

/** Signs with ECDSA over SHA-256 of the message. Returns DER with a low s. */
export type Sign = (message: Uint8Array) => Uint8Array;

/** Verifies a signature in canonical DER with r and s in range, which callers check first. */
export type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

/** Verifies like `Verify`, and lets other work go on meanwhile where the platform can. */
export type VerifyAsync = (message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/** A public key that was imported. */
export interface ImportedKey {
  readonly verify: Verify;
  readonly verifyAsync: VerifyAsync;
}

/** A cryptographic backend. */
export interface Backend {
  randomBytes(length: number): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  sha512(data: Uint8Array): Uint8Array;
  /** Derives a key with scrypt (RFC 7914). */
  scrypt(password: Uint8Array, options: ScryptOptions): Uint8Array;
  /** Derives like `scrypt`, and lets other work go on meanwhile. The caller keeps `password` unchanged until then. */
  scryptAsync(password: Uint8Array, options: ScryptOptions): Promise<Uint8Array>;
  /** Derives a key with PBKDF2 (RFC 8018). */
  pbkdf2(password: Uint8Array, options: Pbkdf2Options): Uint8Array;
  /** Derives like `pbkdf2`, and lets other work go on meanwhile. The caller keeps `password` unchanged until then. */
  pbkdf2Async(password: Uint8Array, options: Pbkdf2Options): Promise<Uint8Array>;
  /** Encrypts with AES-CBC and PKCS #7 padding. The key's length (16, 24 or 32 bytes) picks the cipher. */
  encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Decrypts one or more whole blocks. Returns `null` if the padding is wrong. */
  decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | null;
  generateKeyPair(curve: CurveParameters): KeyPair;
  /** Computes the uncompressed point of a scalar that is in range. */
  publicPoint(scalar: Uint8Array, curve: CurveParameters): Uint8Array;
  /** Imports a key pair whose halves belong together. */
  signer(pair: KeyPair): Sign;
  /** Imports an uncompressed point. Returns `null` if it is not on its curve. */
  verifier(key: PublicPoint): ImportedKey | null;
}
