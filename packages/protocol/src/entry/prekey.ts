/** The ECDH public key to which a person's room keys are wrapped, as the directory hands it out. */
import { z } from 'zod';
import { base64url, identityKey, timestamp, userName } from '../values.ts';

const fields = {
  /** A P-384 point, uncompressed (97 bytes). */
  prekey: base64url(200),
  /** By its owner's clock. A client that has seen a later one of this person MUST refuse it. */
  madeAt: timestamp,
  /** By the owner's identity key, over `prekeyStatement`. */
  signature: base64url(160),
};

/** As its owner hands it to the server. */
export const ownPrekey = z.strictObject(fields);

/** With its owner. `key` is the server's word: the pin of that name, or the room's log, says whether it is theirs. */
export const signedPrekey = z.strictObject({ user: userName, key: identityKey, ...fields });
export type SignedPrekey = z.infer<typeof signedPrekey>;
