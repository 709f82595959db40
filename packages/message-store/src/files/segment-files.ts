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
   * Writes a new file. Resolves when it would survive a crash. When it rejects, there is no such file, and its space is free again.
   *
   * @throws Error of the system, with its `code`
   */
  write(file: FileKey, blocks: readonly Uint8Array[]): Promise<void>;
  /**
   * Reads one block, unsealed.
   *
   * @throws MessageStoreError `missing` if there is no such file; `damaged` if the block is not the one that was written; `unreadable` if
   * the file cannot be read for another reason, which concerns this file
   * @throws Error of the system if it lacks what any reading needs: memory, or open files
   */
  read(file: FileKey, block: Block): Promise<Uint8Array>;
  /**
   * Removes all files that are not kept. Resolves when that would survive a crash.
   *
   * @param isKept asked for each file after the files were listed: one that is written meanwhile is in the list only if `isKept` knows it
   * @throws Error of the system for the first file that cannot be removed. The others are removed nevertheless.
   */
  removeOthers(isKept: (file: string) => boolean): Promise<void>;
  /** Waits for what is under way, and releases what is open. */
  close(): Promise<void>;
}
