/**
 * The bytes of blobs, one file for each. An incomplete blob is a file with the ending `.part`; `complete` syncs it and gives it its name. So a
 * file without the ending has all bytes, also after a crash of the machine.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, makeDirectorySynced, readPieces, removeSynced, syncDirectory } from '@chat/durable-files';

/** A place among the blobs, and the size of all of it. */
export interface BlobFile {
  readonly number: number;
  readonly bytes: number;
}

const nameOf = (number: number): string => String(number);
const partOf = (number: number): string => `${number}.part`;

/** Returns what a call resolves with, or null if the file does not exist. */
const ifThere = <T>(work: Promise<T>): Promise<T | null> =>
  work.catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of readPieces(file, 0)) hash.update(piece);
  return hash.digest('hex');
}

/** The files of a folder, which is created with the first of them. One call at a time MUST use a number for writing. */
export class BlobFiles {
  readonly #folder: string;
  #isThere = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the bytes that an incomplete blob has. */
  async received({ number }: BlobFile): Promise<number> {
    return (await ifThere(stat(this.#path(partOf(number)))))?.size ?? 0;
  }

  /** Writes bytes at an offset, as far as they follow what is there. Returns the bytes that the blob then has. */
  async append({ number, bytes: size }: BlobFile, offset: number, bytes: Uint8Array): Promise<number> {
    await using file = await this.#openPart(number);
    const length = (await file.stat()).size;
    if (offset > length) return length;
    const added = bytes.subarray(length - offset, Math.max(0, size - offset));
    for (let done = 0; done < added.length; ) {
      done += (await file.write(added, done, added.length - done, length + done)).bytesWritten;
    }
    return length + added.length;
  }

  /** Gives a blob its name if its bytes are all there and have this hash; removes them if they have another one. */
  async complete({ number, bytes }: BlobFile, hash: string): Promise<'finished' | 'incomplete' | 'wrong-hash'> {
    const part = await ifThere(open(this.#path(partOf(number)), 'r+'));
    // A crash came between the renaming and the row.
    if (part === null) return (await this.verify({ number, bytes }, hash)) === 'sound' ? 'finished' : 'incomplete';
    try {
      if ((await part.stat()).size < bytes) return 'incomplete';
      if ((await hashOf(part)) !== hash) {
        await part.truncate(0);
        return 'wrong-hash';
      }
      await part.sync();
    } finally {
      await part.close();
    }
    await rename(this.#path(partOf(number)), this.#path(nameOf(number)));
    await syncDirectory(this.#folder);
    return 'finished';
  }

  /** Returns bytes of a complete blob; null if its file is missing or too short. */
  async read({ number, bytes }: BlobFile, offset: number, limit: number): Promise<Uint8Array | null> {
    const wanted = Math.max(0, Math.min(limit, bytes - offset));
    const file = await ifThere(open(this.#path(nameOf(number)), 'r'));
    if (file === null) return null;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, offset);
      return bytesRead === wanted ? buffer : null;
    } finally {
      await file.close();
    }
  }

  /** Compares a complete blob with its size and hash. */
  async verify({ number, bytes }: BlobFile, hash: string): Promise<'sound' | 'missing' | 'damaged'> {
    const file = await ifThere(open(this.#path(nameOf(number)), 'r'));
    if (file === null) return 'missing';
    try {
      return (await file.stat()).size === bytes && (await hashOf(file)) === hash ? 'sound' : 'damaged';
    } finally {
      await file.close();
    }
  }

  /** Removes the files of these blobs. */
  async remove(numbers: readonly number[]): Promise<void> {
    const names = numbers.flatMap((number) => [nameOf(number), partOf(number)]);
    if ((await ifThere(stat(this.#folder))) !== null) await removeSynced(this.#folder, names);
  }

  async #openPart(number: number): Promise<FileHandle> {
    if (!this.#isThere) await makeDirectorySynced(this.#folder);
    this.#isThere = true;
    const path = this.#path(partOf(number));
    return (await ifThere(open(path, 'r+'))) ?? open(path, 'wx+', 0o600);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
