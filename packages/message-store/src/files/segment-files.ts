/** The port through which the store keeps its segments: files that are written once and never changed. */

/** A block of a file. */
export interface Block {
  /** The number of the block in its file, from 0. */
  readonly index: number;
  /** How many bytes all blocks before it have together, unsealed. */
  readonly offset: number;
  /** The size of the block in bytes, unsealed. */
  readonly bytes: number;
}

/** The name and the key of a file. */
export interface FileKey {
  /** 32 hexadecimal digits, chosen at random. */
  readonly file: string;
  /** 32 random bytes that no other file has, in base64url. */
  readonly key: string;
}

/**
 * Keeps files. An implementation that stores them MUST seal each block under the file's key, so that a reader without the key learns no more of a
 * block than its size, and MUST bind a block to the file's name and the block's number.
 */
export interface SegmentFiles {
  /**
   * Writes a new file. Resolves when it would survive a crash.
   *
   * @throws Error of the system, with its `code`
   */
  write(file: FileKey, blocks: readonly Uint8Array[]): Promise<void>;
  /**
   * Reads one block, unsealed.
   *
   * @throws MessageStoreError `damaged` if the file is missing, or the block is not the one that was written
   */
  read(file: FileKey, block: Block): Promise<Uint8Array>;
  /** Removes all files except these. Resolves when that would survive a crash. */
  removeOthers(kept: ReadonlySet<string>): Promise<void>;
  /** Waits for what is under way, and releases what is open. */
  close(): Promise<void>;
}
