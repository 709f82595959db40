/** The files of transfers: what is sent and saved, and the ciphertext in between, which a restart does not lose. */
import type { FileReference } from '@chat/protocol';
import type { SaveTarget } from './stored-transfers.ts';

/** A file that is to be sent. */
export interface SourceFile {
  /** Its name without the folder. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** Ends work on a file, and learns how far it has got. */
export interface FileWork {
  readonly signal: AbortSignal;
  /** Called with the bytes that are done. */
  readonly progress: (bytes: number) => void;
}

/**
 * The disk of transfers. A spool is a file with ciphertext, by its name of 32 hexadecimal digits. Every function holds a few pieces in memory at most. What
 * the system refuses becomes a ClientError whose sentence names the file and the cause.
 */
export interface TransferFiles {
  /** Looks at a file that is to be sent. @throws ClientError `file-unusable` */
  examine(path: string): Promise<SourceFile>;
  /**
   * Encrypts a file into a spool, padded, in place of what the spool has. Returns the hash of the ciphertext in hexadecimal.
   *
   * @throws ClientError `file-unusable`, also when the file has another size now
   */
  seal(
    spool: string,
    source: { readonly path: string; readonly size: number; readonly key: string },
    work: FileWork,
  ): Promise<string>;
  /** Returns the bytes of a spool; 0 for one that is not there. */
  size(spool: string): Promise<number>;
  /** Returns bytes of a spool. @throws ClientError `transfer-lost` when it has fewer */
  read(spool: string, offset: number, length: number): Promise<Uint8Array>;
  /** Adds bytes at the end of a spool. @throws ClientError `folder-unusable` */
  append(spool: string, bytes: Uint8Array): Promise<void>;
  /** Returns where a path leads: to a folder, or to a new file in a folder. @throws ClientError `folder-unusable` */
  target(path: string): Promise<SaveTarget>;
  /**
   * Checks the ciphertext of a spool, and decrypts it into a new file of the target, which gets its name when all of it is there. Replaces no file: the
   * name gets a number if it is taken. Returns the path.
   *
   * @throws ClientError `file-altered`, `folder-unusable`
   */
  open(spool: string, file: FileReference, target: SaveTarget, work: FileWork): Promise<string>;
  /** Removes a spool, if it is there. */
  remove(spool: string): Promise<void>;
  /** Removes all spools but these. */
  keepOnly(spools: readonly string[]): Promise<void>;
}
