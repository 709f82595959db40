/** Storage port for the encrypted backups of users' profiles. The server can neither read nor link what is in them. */
import type { UserName } from '@chat/protocol';

/** The key of a user's recovery phrase. */
export interface RecoveryKey {
  /** SubjectPublicKeyInfo in base64url. */
  readonly key: string;
  /** When its owner made it, in milliseconds by the owner's clock. */
  readonly madeAt: number;
}

/** What the server has of a user's recovery. */
export interface Recovery extends RecoveryKey {
  /** Number of the backup; 0 when there is none. */
  readonly number: number;
  /** The encrypted head of the backup; null when there is none. */
  readonly manifest: Uint8Array | null;
}

/** Stores one backup for each user: a key, a head, and chunks. Each method is atomic, and durable when its promise resolves. */
export interface RecoveryStore {
  /** Registers a key for a registered user. In place of another key, whose backup is erased with it; the same one changes nothing. */
  putRecoveryKey(user: UserName, key: RecoveryKey): Promise<void>;
  /** Erases key, head and chunks. */
  endRecovery(user: UserName): Promise<void>;
  /** Returns what is stored for a user; null without a key. */
  findRecovery(user: UserName): Promise<Recovery | null>;
  /** Returns the bytes of all chunks of a user. */
  recoveryBytes(user: UserName): Promise<number>;
  /**
   * Stores a chunk, in place of one of the same name.
   *
   * @param maxBytes of all chunks of the user
   */
  putRecoveryChunk(
    user: UserName,
    chunk: { readonly id: Uint8Array; readonly bytes: Uint8Array },
    maxBytes: number,
  ): Promise<'stored' | 'full' | 'no-recovery'>;
  /** Returns a chunk; null when there is none of this name. */
  findRecoveryChunk(user: UserName, id: Uint8Array): Promise<Uint8Array | null>;
  /** Returns at most `limit` names of chunks in their order, from the first one after `after` on; null: from the first one. */
  recoveryChunks(user: UserName, after: Uint8Array | null, limit: number): Promise<readonly Uint8Array[]>;
  /** Erases chunks. */
  dropRecoveryChunks(user: UserName, ids: readonly Uint8Array[]): Promise<void>;
  /** Replaces the head of a backup. Returns `outdated`, and stores nothing, unless its number is greater than the stored one. */
  putRecoveryManifest(
    user: UserName,
    backup: { readonly number: number; readonly manifest: Uint8Array },
  ): Promise<'stored' | 'outdated' | 'no-recovery'>;
}
