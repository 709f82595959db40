/** The operations on the encrypted backup of a user's profile, from which a recovery phrase restores it. */
import { z } from 'zod';
import { limits } from '../limits.ts';
import { base64url, byteString, fingerprint, identityKey, timestamp, userName } from '../values.ts';

const empty = z.strictObject({});
const signature = base64url(160);
const nameBytes = 32;
/** The name of a chunk. Only the owner can compute it from what the chunk holds. */
const chunkName = byteString(nameBytes, nameBytes);
/** Names of chunks, one after another. */
const chunkNames = byteString(0, nameBytes * limits.recoveryNamesPerRequest).refine(
  (names) => names.length % nameBytes === 0,
  'must be whole names',
);
/** At least a nonce and a tag of AES-GCM. */
const chunk = byteString(28, limits.recoveryChunkBytes);
/** The encrypted head of a backup. */
const manifest = byteString(28, limits.recoveryManifestBytes);
/** Each backup of one phrase has a greater number than the one before. */
const number = z.int().min(1);

/** Operations on the chat port, for the backup of the user. */
export const recoveryOperations = {
  /** Registers the key of a recovery phrase in place of the one before, whose backup is erased. The signature covers `recoveryKeyStatement`. */
  'put-recovery-key': { request: z.strictObject({ key: identityKey, madeAt: timestamp, signature }), result: empty },
  /** Erases key and backup. */
  'end-recovery': { request: empty, result: empty },
  /** Returns what the server has for the user. */
  'get-recovery': {
    request: empty,
    result: z.strictObject({
      /** Fingerprint of the registered key; null when there is none. */
      key: fingerprint.nullable(),
      /** Number of the backup; 0 when there is none. */
      number: z.int().min(0),
      /** Bytes of all chunks. */
      bytes: z.int().min(0),
      /** How many bytes the user may store. */
      quota: z.int().min(0),
    }),
  },
  /** Returns the names of the user's chunks in their order, from the first one after `after`. */
  'list-recovery-chunks': {
    request: z.strictObject({ after: chunkName.optional() }),
    result: z.strictObject({ names: chunkNames, more: z.boolean() }),
  },
  /** Stores a chunk. The same name once more replaces it. */
  'put-recovery-chunk': { request: z.strictObject({ name: chunkName, chunk }), result: empty },
  /** Returns a chunk. */
  'get-recovery-chunk': { request: z.strictObject({ name: chunkName }), result: z.strictObject({ chunk }) },
  /** Erases chunks. Names of chunks that are not there are no error. */
  'drop-recovery-chunks': { request: z.strictObject({ names: chunkNames }), result: empty },
  /** Replaces the head of the backup by a later one, in one step. */
  'put-recovery-manifest': { request: z.strictObject({ number, manifest }), result: empty },
};

/** The operation on the enrolment port with which a machine without a profile fetches the head of a backup. */
export const openRecovery = {
  /** The signature of the recovery phrase's key covers `recoverStatement`. */
  request: z.strictObject({ version: z.int(), user: userName, signature }),
  result: z.strictObject({ number, manifest }),
};
