/** Prekeys: the public keys to which members open links, as the server hands them out. */
import { z } from 'zod';
import { fromBase64url, sha256, utf8 } from '../bytes.ts';
import { base64url, identityKey, timestamp, userName } from '../values.ts';

/** The suite of every prekey: X25519 together with ML-KEM-768. */
export const prekeySuite = 'X-Wing';
/** Characters of base64url for the 1,216 bytes of a public key. */
const prekeyLength = 1_622;

const fields = {
  /** The only suite. The signature covers it, so that a key of a weaker one cannot take its place. */
  suite: z.literal(prekeySuite),
  /** A public key of X-Wing, 1,216 bytes. */
  prekey: base64url(prekeyLength).refine((text) => text.length === prekeyLength, 'must be a public key of X-Wing'),
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

const idStart = utf8('chat/1 prekey\n');

/** Returns the id of a prekey, 8 bytes, by which an opening names it. */
export function prekeyId(prekey: string): Uint8Array {
  const key = fromBase64url(prekey);
  const input = new Uint8Array(idStart.length + key.length);
  input.set(idStart);
  input.set(key, idStart.length);
  return sha256(input).slice(0, 8);
}
