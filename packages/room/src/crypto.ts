/** The cryptography that a room needs, as an argument: the real one is `createRoomCrypto`, a simulation may bring its own. */
import type { Fingerprint } from '@chat/protocol';

/** What a signature is for; one made for another purpose never verifies. */
export interface Domain {
  readonly protocol: string;
  readonly purpose: string;
  readonly context: string;
}

/** The member's own identity key. */
export interface Signer {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly fingerprint: Fingerprint;
  sign(domain: Domain, data: Uint8Array): Uint8Array;
}

/** An ECDH key pair to which room keys are wrapped. */
export interface Prekey {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

export interface RoomCrypto {
  /** Never throws: false for a malformed key or signature too. */
  verify(publicKey: Uint8Array, domain: Domain, data: Uint8Array, signature: Uint8Array): boolean;
  /** SHA-256 of the key, lower-case hex. */
  fingerprint(publicKey: Uint8Array): Fingerprint;
  random(bytes: number): Uint8Array;
  /** HKDF-SHA-256 to 32 bytes, `label` as its info. */
  derive(secret: Uint8Array, label: string): Uint8Array;
  /** A Fernet token, stamped with `at` (ms). */
  encrypt(key: Uint8Array, plaintext: Uint8Array, at: number): string;
  /** Null when the token is not one of this key. */
  decrypt(key: Uint8Array, token: string): Uint8Array | null;
  newPrekey(): Prekey;
  /** Null when the recipient's key is not one that can be wrapped to. */
  wrap(recipient: Uint8Array, secret: Uint8Array, context: Uint8Array): Uint8Array | null;
  /** Null when the envelope is not for this key and context. */
  unwrap(prekey: Prekey, envelope: Uint8Array, context: Uint8Array): Uint8Array | null;
}
