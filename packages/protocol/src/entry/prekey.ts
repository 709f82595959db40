/** Prekeys: the ECDH public keys to which members wrap epoch secrets, as the server hands them out. */
import { z } from 'zod';
import { base64url, identityKey, timestamp, userName } from '../values.ts';

const fields = {
  /** A P-384 point, uncompressed (97 bytes). */
  prekey: base64url(200),
  /** Time by the owner's clock. A client that has seen a later prekey of this user MUST refuse it. */
  madeAt: timestamp,
  /** Signature by the owner's identity key over `prekeyStatement`. */
  signature: base64url(160),
};

/** Schema of a prekey as its owner sends it to the server. */
export const ownPrekey = z.strictObject(fields);

/**
 * Schema of a prekey with its owner. The server's `key` is not authenticated: a client compares it with the pin of that user
 * name or with the room's log.
 */
export const signedPrekey = z.strictObject({ user: userName, key: identityKey, ...fields });
/** A prekey with its owner. */
export type SignedPrekey = z.infer<typeof signedPrekey>;
