/**
 * Storage port for blobs: bytes that a client uploads in pieces, and that members of a room, or one user, read back. The server does not
 * know what they are.
 */
import type { RoomId, UserName } from '@chat/protocol';

/** What a client declares before it uploads the bytes. */
export interface NewBlob {
  /** 32 hexadecimal digits, which its creator chooses at random. */
  readonly id: string;
  /** The room whose members may read it; null for a blob that belongs to its creator alone. */
  readonly room: RoomId | null;
  /** Its creator. */
  readonly user: UserName;
  /** Size in bytes. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** A blob in the store. */
export interface StoredBlob extends NewBlob {
  /** When it became complete, in milliseconds; null before. */
  readonly finishedAt: number | null;
  /** SHA-256 of its bytes in hexadecimal; null before it is complete. */
  readonly hash: string | null;
}

/** A complete blob. */
export interface FinishedBlob extends StoredBlob {
  readonly finishedAt: number;
  readonly hash: string;
}

/** What blobs need: those that are not complete count with the size that was declared. */
export interface BlobUsage {
  readonly blobs: number;
  readonly bytes: number;
}

/** Which blobs are counted: of a room, of a creator (in all rooms and their own), or all. */
export type BlobScope = { readonly room: RoomId } | { readonly user: UserName } | 'all';

/** What became of a request to complete a blob. `incomplete`: bytes are missing; `wrong-hash`: its bytes are others, and are deleted. */
export type FinishOutcome = 'finished' | 'incomplete' | 'wrong-hash';

/**
 * Keeps blobs. A blob is _incomplete_ from `create` to `finish`. A deleted blob is gone for all functions at once, and its bytes are
 * erased by `erase`. When a room is deleted or closed, and when an account is revoked, the store deletes the room's blobs, and those that belong to
 * the user alone, in the same step.
 */
export interface BlobStore {
  /** Stores a declaration, unless there is a blob with this id. Returns what is stored, which may be another blob. Durable when the promise resolves. */
  create(blob: NewBlob): Promise<StoredBlob>;
  find(id: string): Promise<StoredBlob | null>;
  /** Returns the bytes that an incomplete blob has, from its beginning. After a crash these may be fewer than before. */
  received(id: string): Promise<number>;
  /**
   * Adds bytes to an incomplete blob, up to its declared size. Skips bytes that it has, and takes nothing after a gap. Not durable before
   * `finish`.
   *
   * @returns the number of bytes that it has, from its beginning
   */
  append(id: string, offset: number, bytes: Uint8Array): Promise<number>;
  /** Completes a blob if its bytes are all there and have this hash. A complete blob stays as it is. Durable when the promise resolves. */
  finish(id: string, hash: string, now: number): Promise<FinishOutcome>;
  /** Returns bytes of a complete blob, fewer than `limit` only at its end. Rejects with `StoreDamage` if the bytes are missing. */
  read(id: string, offset: number, limit: number): Promise<Uint8Array>;
  /** Deletes a blob. Durable when the promise resolves. Returns false when there is none. */
  delete(id: string): Promise<boolean>;
  /** Deletes the complete blobs of a room that were complete at this time or before. Returns their number. Durable when the promise resolves. */
  deleteOfRoom(room: RoomId, finishedUpTo: number): Promise<number>;
  /** Deletes incomplete blobs that were created before this time. Returns their number. */
  deleteUnfinished(createdBefore: number): Promise<number>;
  /** Erases the bytes of deleted blobs. Returns the number of these blobs. */
  erase(): Promise<number>;
  usage(scope: BlobScope): Promise<BlobUsage>;
  /** Returns complete blobs ordered by id, from the first one after `after`: all, or those that belong to one user alone. */
  list(owner: UserName | 'all', after: string | null, limit: number): Promise<readonly FinishedBlob[]>;
  /** Reads the bytes of a complete blob and compares them with its size and hash. */
  verify(id: string): Promise<'sound' | 'missing' | 'damaged'>;
}
