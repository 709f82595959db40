/**
 * What this library needs from a cryptographic engine. native.ts and portable.ts are twins of this interface;
 * `#backend` picks one.
 */
import type { KeyPair } from '../encoding/p384.ts';

export type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** scrypt's parameters (RFC 7914, section 2): 128·N·r bytes of memory, work in proportion to N·r·p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** ECDSA over SHA-256 of the message; DER out. */
export type Sign = (message: Uint8Array) => Uint8Array;

/** The signature must be canonical DER with r and s in range: callers check that first. */
export type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

export interface Backend {
  randomBytes(length: number): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  sha512(data: Uint8Array): Uint8Array;
  scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost, length: number): Uint8Array;
  pbkdf2(hash: Hash, password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Uint8Array;
  /** AES-CBC with PKCS #7 padding; the key's length (16, 24 or 32 bytes) picks the cipher. */
  encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Undefined when the padding is wrong. The ciphertext is a whole number of blocks, at least one. */
  decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  generateKeyPair(): KeyPair;
  /** The uncompressed point of a scalar that is in range. */
  publicPoint(scalar: Uint8Array): Uint8Array;
  /** Takes a key pair that belongs together. */
  signer(pair: KeyPair): Sign;
  /** Undefined when the uncompressed point is not on the curve. */
  verifier(point: Uint8Array): Verify | undefined;
}
