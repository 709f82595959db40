/**
 * A ledger in a text file, with one record in each line. A record is on the disk before `append` resolves; waiting records are
 * written and synced together. An incomplete last line after a crash is cut off, because `append` has not resolved for it.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { requireText } from '../arguments.ts';
import { CaError } from '../errors.ts';
import type { CrlRecord, Ledger, LedgerEntry, LedgerRecord } from './ledger.ts';
import { LedgerIndex } from './ledger-index.ts';
import { decodeLine, encodeLine, initialHash } from './ledger-line.ts';
import { lockLedger } from './ledger-lock.ts';

/** The file is read in parts of this size, because a large ledger does not fit into one string. */
const readBytes = 1 << 20;
/** A record has about 2 kB, so a longer line means that the file is not a ledger. */
const maxLineBytes = 1 << 20;

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: CaError) => void;
}

/** Yields the complete lines of the first `end` bytes, and the offset at which each ends. */
async function* linesOf(
  file: FileHandle,
  end = Number.POSITIVE_INFINITY,
): AsyncGenerator<{ text: string; end: number }> {
  let rest = Buffer.alloc(0);
  let at = 0;
  for (;;) {
    const wanted = Math.min(readBytes, end - at);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let length = rest.indexOf(0x0a); length >= 0; length = rest.indexOf(0x0a)) {
      const text = rest.toString('utf8', 0, length);
      rest = rest.subarray(length + 1);
      yield { text, end: at - rest.length };
    }
    if (rest.length > maxLineBytes) throw new CaError('ledger-damaged', 'this file is not a ledger, or is damaged');
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open directories, and there is no other way to make a new file durable.
  if (process.platform === 'win32') return;
  const directory = await open(dirname(path));
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function requirePath(path: string): void {
  requireText('path', path);
  if (path.includes('\0')) throw new CaError('bad-argument', '`path` has a NUL, which no path can have');
}

/** A ledger in a file. One process can have it open at a time. */
export class FileLedger implements Ledger {
  /** The size in bytes of an incomplete last line that was cut off when the ledger was opened. */
  readonly droppedBytes: number;
  readonly #file: FileHandle;
  readonly #index: LedgerIndex;
  readonly #unlock: () => Promise<void>;
  /** The hash of the last line, written or waiting. */
  #hash: string;
  /** The size in bytes of the written records. */
  #end: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  /** The reason for which no more records are accepted, or null. */
  #failure: CaError | null = null;
  #closing: Promise<void> | null = null;

  private constructor(
    file: FileHandle,
    unlock: () => Promise<void>,
    state: { index: LedgerIndex; hash: string; end: number; droppedBytes: number },
  ) {
    this.#file = file;
    this.#unlock = unlock;
    this.#index = state.index;
    this.#hash = state.hash;
    this.#end = state.end;
    this.droppedBytes = state.droppedBytes;
  }

  /**
   * Opens the ledger at `path` and reads it once. A missing file is created, readable only by its owner.
   *
   * @throws CaError `bad-argument`, `ledger-in-use`, `ledger-damaged`; errors of the file system are not wrapped
   */
  static async open(path: string): Promise<FileLedger> {
    requirePath(path);
    const unlock = await lockLedger(path);
    let file: FileHandle | null = null;
    try {
      file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
      const index = new LedgerIndex();
      let [hash, end, lineNumber] = [initialHash, 0, 0];
      for await (const line of linesOf(file)) {
        lineNumber += 1;
        const decoded = decodeLine(hash, line.text, lineNumber);
        index.admit(decoded.record);
        ({ hash } = decoded);
        ({ end } = line);
      }
      const droppedBytes = (await file.stat()).size - end;
      if (droppedBytes > 0) await file.truncate(end);
      await file.sync();
      await syncDirectory(path);
      return new FileLedger(file, unlock, { index, hash, end, droppedBytes });
    } catch (error) {
      await file?.close();
      await unlock();
      throw error;
    }
  }

  async append(record: LedgerRecord): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    // This reserves the serial number at once, although the record is stored only when it is on the disk.
    this.#index.admit(record);
    const { line, hash } = encodeLine(this.#hash, record);
    this.#hash = hash;
    const written = new Promise<void>((resolve, reject) => this.#waiting.push({ line, resolve, reject }));
    this.#writing ??= this.#write();
    await written;
  }

  async find(serial: string): Promise<LedgerEntry | null> {
    return this.#index.find(serial);
  }

  async revoked(): Promise<readonly LedgerEntry[]> {
    return this.#index.revoked();
  }

  async latestCrl(): Promise<CrlRecord | null> {
    return this.#index.latestCrl();
  }

  async *records(): AsyncGenerator<LedgerRecord> {
    let [hash, lineNumber] = [initialHash, 0];
    for await (const { text } of linesOf(this.#file, this.#end)) {
      lineNumber += 1;
      const decoded = decodeLine(hash, text, lineNumber);
      ({ hash } = decoded);
      yield decoded.record;
    }
  }

  /** Waits for records that are being written, closes the file and releases the lock. */
  async close(): Promise<void> {
    this.#failure ??= new CaError('ledger-failed', 'the ledger is closed');
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Closes the ledger. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
    await this.#unlock();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        const bytes = Buffer.from(batch.map(({ line }) => line).join(''));
        await this.#writeAt(bytes, this.#end);
        await this.#file.datasync();
        this.#end += bytes.length;
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        // After a failed sync the content of the disk is unknown until the ledger is opened again.
        const message =
          'a record could not be written: no more certificates are issued; close the ledger and open it again';
        this.#failure = new CaError('ledger-failed', message, { cause });
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(this.#failure);
      }
    }
    this.#writing = null;
  }

  async #writeAt(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }
}
