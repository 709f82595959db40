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

/** A prekey of the local user: others open links to it. */
export interface OwnPrekey {
  /** The private key of X-Wing, 32 bytes. */
  readonly seed: Uint8Array;
  /** The public key that follows from the seed, 1,216 bytes. */
  readonly publicKey: Uint8Array;
}

/** The sender's end of a link. It never changes: `wrap` returns the next end. */
export interface SenderLink {
  /** The id of the link: 8 bytes in base64url. Both ends have the same. */
  readonly id: string;
  /** The number of the next step, from 1. */
  readonly step: number;
  /**
   * Wraps a key of 32 bytes under the next step.
   *
   * @param context states what the key is for. The recipient must pass the same bytes
   */
  wrap(key: Uint8Array, context: Uint8Array): LinkedWrap;
  /** Returns the state for `JSON.stringify`. It is secret. */
  toJSON(): object;
}

/** A wrap, and the sender's end after it, which the client MUST store before it sends the wrap. */
export interface LinkedWrap {
  readonly link: SenderLink;
  /** 60 bytes. They need no protection on their way. */
  readonly wrap: Uint8Array;
}

/** A new link, which the client MUST store before it sends the opening. */
export interface OpenedLink {
  readonly link: SenderLink;
  /** 1,138 bytes, from which the recipient makes the other end. They need no protection on their way. */
  readonly opening: Uint8Array;
}

/** The recipient's end of a link. It never changes: `unwrap` returns the next end. */
export interface RecipientLink {
  /** The id of the link: 8 bytes in base64url. Both ends have the same. */
  readonly id: string;
  /** The number after the latest step whose wrap was opened; 1 before the first. */
  readonly step: number;
  /** True if it holds the keys of steps that it has passed without their wraps. */
  readonly hasSkipped: boolean;
  /** Unwraps a key: the key with the end after it, or why the wrap does not open. */
  unwrap(wrap: Uint8Array, context: Uint8Array): UnwrappedKey | UnwrapFailure;
  /** Returns the end without the keys of skipped steps before `step`. Their wraps never open again. */
  forgetBefore(step: number): RecipientLink;
  /** Returns the state for `JSON.stringify`. It is secret. */
  toJSON(): object;
}

/** An unwrapped key, and the recipient's end after it, which the client MUST store with the key. */
export interface UnwrappedKey {
  readonly link: RecipientLink;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * Why a wrap does not open. `used`: its step was used or forgotten. `ahead`: too many steps before it are missing. `failed`: it was
 * altered, was made for another context, or belongs to another link.
 */
export type UnwrapFailure = 'used' | 'ahead' | 'failed';

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
  /** Creates a prekey of X-Wing. */
  newPrekey(): OwnPrekey;
  /** Returns the prekey of a stored seed. It costs as much as a new one, so the client keeps the result. */
  readPrekey(seed: Uint8Array): OwnPrekey;
  /** Opens a link to a prekey; null when it is not a valid public key of X-Wing. */
  openLink(options: { readonly recipient: Uint8Array; readonly context: Uint8Array }): OpenedLink | null;
  /** Makes the recipient's end of a link; null when the opening was made for another prekey or context, or was altered. */
  acceptLink(prekey: OwnPrekey, opening: Uint8Array, context: Uint8Array): RecipientLink | null;
  /** Reads what `JSON.stringify` made of a sender's end. @throws Error when it is damaged */
  readSenderLink(text: string): SenderLink;
  /** Reads what `JSON.stringify` made of a recipient's end. @throws Error when it is damaged */
  readRecipientLink(text: string): RecipientLink;
}
