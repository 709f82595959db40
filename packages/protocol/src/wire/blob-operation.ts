/** The operations on blobs: bytes that the server keeps for a room or for a user, and cannot read. */
import { z } from 'zod';
import { limits } from '../limits.ts';
import { byteString, clientId, hash, roomId, timestamp } from '../values.ts';

const empty = z.strictObject({});
const blobBytes = z.int().min(1).max(limits.blobBytes);
const offset = z.int().min(0).max(limits.blobBytes);

/** The place of a blob: its id, and the room that it belongs to. Without a room it belongs to the user alone. */
const place = { room: roomId.optional(), blob: clientId };
/** Bytes of the blob that the server has, from its beginning. */
const received = z.strictObject({ received: offset });

/** A complete blob in a list. */
const listedBlob = z.strictObject({ blob: clientId, bytes: blobBytes, hash, at: timestamp });
/** A complete blob, as the server lists it. */
export type ListedBlob = z.infer<typeof listedBlob>;

/** Operations on the chat port, for blobs. Those of a room are for its members only. */
export const blobOperations = {
  /** Declares a blob, whose id its creator chooses at random. The same declaration once more returns how much the server has. */
  'blob-create': {
    request: z.strictObject({ ...place, bytes: blobBytes }),
    result: z.strictObject({
      ...received.shape,
      /** True when the blob is complete. */
      finished: z.boolean(),
    }),
  },
  /** Adds bytes at an offset. Bytes that the server has are skipped, and after a gap it takes nothing: the result says where to go on. */
  'blob-append': {
    request: z.strictObject({ ...place, offset, bytes: byteString(1, limits.blobPieceBytes) }),
    result: received,
  },
  /** Completes a blob whose bytes are all there and have this SHA-256. Once more it does nothing. */
  'blob-finish': { request: z.strictObject({ ...place, hash }), result: empty },
  /** Returns bytes of a complete blob from an offset on: as many as asked for, or those up to its end. */
  'blob-read': {
    request: z.strictObject({ ...place, offset, limit: z.int().min(1).max(limits.blobPieceBytes) }),
    result: z.strictObject({ bytes: byteString(0, limits.blobPieceBytes) }),
  },
  /** Deletes a blob of the user, or one of a room in which the user is the owner or a moderator. One that is not there is no error. */
  'blob-delete': { request: z.strictObject(place), result: empty },
  /** Returns the complete blobs that belong to the user alone, in the order of their ids, from the first one after `after`. */
  'blob-list': {
    request: z.strictObject({ after: clientId.optional() }),
    result: z.strictObject({ blobs: z.array(listedBlob).max(limits.blobsPerPage), more: z.boolean() }),
  },
};
