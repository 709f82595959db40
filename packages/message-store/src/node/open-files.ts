/** Files that stay open between reads: one block is read in one call, and not in three. */
import { close as closeFile, constants, fstat, type OpenMode, open as openFile, read as readFile } from 'node:fs';
import { promisify } from 'node:util';

const open: (path: string, flags: OpenMode) => Promise<number> = promisify(openFile);
const stat = promisify(fstat);
const close = promisify(closeFile);
const read = promisify(readFile);

/** Windows has neither of the last two. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * Opens a file. Follows no link, and does not wait for a pipe: without a writer it would block a thread of the pool, and four of them all work
 * on files.
 */
async function openToRead(path: string): Promise<number> {
  const descriptor = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if ((await stat(descriptor)).isFile()) return descriptor;
    throw new Error(`${path} is no file.`);
  } catch (error) {
    await close(descriptor);
    throw error;
  }
}

/** Reads bytes at a place; fewer if the file ends before. */
async function readFrom(descriptor: number, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  // A file system may give less than is there.
  for (let count = 0; ; ) {
    const { bytesRead } = await read(descriptor, bytes, count, length - count, position + count);
    count += bytesRead;
    if (bytesRead === 0 || count === length) return bytes.subarray(0, count);
  }
}

/** How many files stay open that are not being read. */
const maxOpen = 32;

interface OpenFile {
  readonly descriptor: Promise<number>;
  /** How many reads are under way. */
  uses: number;
}

/** Files by their paths, the least recently read first. */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();
  /** The reads that are under way. */
  readonly #reading = new Set<Promise<unknown>>();
  /** The files that are being closed. */
  readonly #ending = new Set<Promise<unknown>>();
  #isClosed = false;

  /**
   * Reads bytes at a place; fewer if the file ends before.
   *
   * @throws Error of the system: `ENOENT` if there is no file, `ELOOP` for a link; an error without a code for a directory, a pipe or a device
   */
  async read(path: string, position: number, length: number): Promise<Buffer> {
    const reading = this.#read(path, position, length);
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  async #read(path: string, position: number, length: number): Promise<Buffer> {
    const file = this.#files.get(path) ?? { descriptor: openToRead(path), uses: 0 };
    this.#files.delete(path);
    this.#files.set(path, file);
    file.uses += 1;
    try {
      return await readFrom(await file.descriptor, position, length);
    } catch (error) {
      if (this.#files.get(path) === file) this.#files.delete(path);
      throw error;
    } finally {
      file.uses -= 1;
      this.#closeUnused(path, file);
    }
  }

  /** Closes files as soon as they are read no more. The next read opens a file anew. */
  forget(paths: Iterable<string>): void {
    for (const path of paths) {
      const file = this.#files.get(path);
      this.#files.delete(path);
      if (file?.uses === 0) this.#end(file);
    }
  }

  /** Waits for the reads that are under way, and closes all files. What is read later stays open no longer than its read. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.forget([...this.#files.keys()]);
    await Promise.allSettled(this.#reading);
    await Promise.all(this.#ending);
  }

  #closeUnused(path: string, read: OpenFile): void {
    if (this.#isClosed) this.#files.delete(path);
    if (read.uses === 0 && this.#files.get(path) !== read) this.#end(read);
    for (const [oldest, file] of this.#files) {
      if (this.#files.size <= maxOpen) return;
      if (file.uses > 0) continue;
      this.#files.delete(oldest);
      this.#end(file);
    }
  }

  #end({ descriptor }: OpenFile): void {
    const ending = descriptor
      .then(close)
      // A file that could not be opened has nothing to close.
      .catch(() => undefined)
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
