/**
 * An `EntryArchive` in a folder of the profile: a file for each room, to which each batch of entries is appended as one line, a
 * Fernet token under a key of the room. File names are derived with a key too, so a locked profile shows only how many rooms have
 * an archive, and its size. A line that a crash has cut off is skipped.
 */
import { hkdfSync } from 'node:crypto';
import { appendFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn, readIfThere, writeAtomically } from '@chat/durable-files';
import { Fernet } from '@chat/fernet';
import { decodeCbor, encodeCbor, fromBase64url, loggedEntry, type RoomId, utf8 } from '@chat/protocol';
import { z } from 'zod';
import { archiveBounds, type EntryArchive, type KeptEntry, KeptRun } from '../entry-archive.ts';
import { makePrivateDirectory } from './profile-files.ts';

const batch = z.strictObject({
  /** When the client kept the entries, in milliseconds by its own clock. */
  at: z.int().min(0),
  entries: z.array(z.strictObject({ ...loggedEntry.shape, logHash: z.string() })),
});
type Batch = z.infer<typeof batch>;

/** The first byte of a line that was written before version 3 of the protocol: `{`. */
const jsonStart = 0x7b;

/** Reads such a line, in which payload and signature of an entry are texts. */
function readJson(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString(), (key, value: unknown) => {
    if (key === 'payload') return utf8(String(value));
    return key === 'signature' ? fromBase64url(String(value)) : value;
  });
}

function runOf(batches: readonly Batch[]): KeptRun {
  const run = new KeptRun();
  for (const { entries } of batches) run.add(entries);
  return run;
}

/** Base64 and the overhead of tokens make a file larger than its entries. */
const bytesPerEntryByte = 1.5;
/** A file is rewritten within the bounds when it has this many times their size, or lines. */
const slack = 2;
/** While the client runs, the bound of all rooms together is exceeded by this much at most. */
const sweepAfterBytes = archiveBounds.totalBytes / 16;
/** Entries of short lines that a rewritten file has in one line, if the client kept them within a day. */
const entriesPerLine = 64;
/** The time between two looks for what is too old, while the client runs. */
const reviewEveryMs = 24 * 60 * 60 * 1000;

/** Options of `openArchiveFolder`. */
export interface ArchiveFolderOptions {
  readonly directory: string;
  /** Secret of 32 bytes, from which the keys of all files are derived. */
  readonly key: Uint8Array;
  /** Returns milliseconds. */
  readonly now: () => number;
}

/** The file of one room. All of its methods are called one after another. */
class RoomFile {
  readonly path: string;
  readonly #fernet: Fernet;
  readonly #now: () => number;
  #bytes = 0;
  #lines = 0;
  #reviewedAt: number | null = null;

  constructor({ directory, key, now }: ArchiveFolderOptions, roomId: RoomId) {
    const derive = (purpose: string) =>
      Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `chat/1 archive ${purpose} ${roomId}`, 32));
    this.path = join(directory, `${derive('name').subarray(0, 16).toString('hex')}.log`);
    this.#fernet = new Fernet(derive('key'));
    this.#now = now;
  }

  /** Returns the bytes that the file has grown by. */
  async append(entries: readonly KeptEntry[]): Promise<number> {
    await this.#review();
    const line = this.#line(this.#now(), entries);
    // The line feed stands first: it also ends a line that a crash has cut off.
    await appendFile(this.path, line, { mode: 0o600 });
    this.#bytes += line.length;
    this.#lines += 1;
    const { bytes, entries: most } = archiveBounds;
    if (this.#bytes > slack * bytes * bytesPerEntryByte || this.#lines > slack * most) await this.#rewrite();
    return line.length;
  }

  async load(): Promise<KeptRun> {
    return runOf(await this.#recent());
  }

  /** Before the first line that is appended, and once a day: rewrites a file that has entries which are too old. */
  async #review(): Promise<void> {
    const now = this.#now();
    if (this.#reviewedAt !== null && now - this.#reviewedAt < reviewEveryMs) return;
    this.#reviewedAt = now;
    const batches = await this.#batches();
    this.#lines = batches.length;
    this.#bytes = await stat(this.path).then(
      ({ size }) => size,
      () => 0,
    );
    const [first] = batches;
    if (first !== undefined && first.at < now - archiveBounds.ageMs) await this.#rewrite();
  }

  async #rewrite(): Promise<void> {
    const batches = await this.#recent();
    const kept = new Set(runOf(batches).entries);
    const lines: Batch[] = [];
    for (const { at, entries } of batches) {
      const own = entries.filter((entry) => kept.has(entry));
      const last = lines.at(-1);
      const isShort = last !== undefined && last.entries.length + own.length <= entriesPerLine;
      // A line has the time of its first entries: later ones go with them, and none stays for longer than the bound.
      if (isShort && at < last.at + reviewEveryMs) last.entries.push(...own);
      else if (own.length > 0) lines.push({ at, entries: own });
    }
    const text = lines.map(({ at, entries }) => this.#line(at, entries)).join('');
    await writeAtomically(this.path, text);
    this.#bytes = text.length;
    this.#lines = lines.length;
  }

  #line(at: number, entries: readonly KeptEntry[]): string {
    return `\n${this.#fernet.encrypt(encodeCbor({ at, entries }))}`;
  }

  async #recent(): Promise<readonly Batch[]> {
    const oldest = this.#now() - archiveBounds.ageMs;
    return (await this.#batches()).filter(({ at }) => at >= oldest);
  }

  async #batches(): Promise<readonly Batch[]> {
    const text = (await readIfThere(this.path)) ?? '';
    return text.split('\n').flatMap((line) => this.#open(line) ?? []);
  }

  #open(line: string): Batch | null {
    if (line === '') return null;
    try {
      const bytes = this.#fernet.decrypt(line);
      return batch.parse(bytes[0] === jsonStart ? readJson(bytes) : decodeCbor(bytes));
    } catch {
      // The end of a line is missing, or the file is from another key: what cannot be read is not kept.
      return null;
    }
  }
}

class ArchiveFolder implements EntryArchive {
  readonly #options: ArchiveFolderOptions;
  readonly #files = new Map<RoomId, RoomFile>();
  /** Entries that wait for the write before them. */
  readonly #waiting = new Map<RoomId, KeptEntry[]>();
  #work: Promise<void> = Promise.resolve();
  /** Bytes that were written since the folder was swept. */
  #unswept = 0;
  #sweptAt = 0;

  constructor(options: ArchiveFolderOptions) {
    this.#options = options;
  }

  keep(roomId: RoomId, entries: readonly KeptEntry[]): void {
    const waiting = this.#waiting.get(roomId);
    if (waiting !== undefined) {
      waiting.push(...entries);
      return;
    }
    const kept = [...entries];
    this.#waiting.set(roomId, kept);
    this.#enqueue(async () => {
      // The room was erased meanwhile. What waits now was kept after that, and has a step of its own.
      if (this.#waiting.get(roomId) !== kept) return;
      this.#waiting.delete(roomId);
      if (kept.length === 0) return;
      this.#unswept += await this.#fileOf(roomId).append(kept);
      const sinceSweepMs = this.#options.now() - this.#sweptAt;
      if (this.#unswept >= sweepAfterBytes || sinceSweepMs >= reviewEveryMs) await this.#sweep();
    });
  }

  async read(roomId: RoomId, after: number): Promise<readonly KeptEntry[]> {
    let entries: readonly KeptEntry[] = [];
    this.#enqueue(async () => {
      entries = (await this.#fileOf(roomId).load()).after(after);
    });
    await this.#work;
    return entries;
  }

  erase(roomId: RoomId): void {
    this.#waiting.delete(roomId);
    this.#enqueue(async () => {
      const { path } = this.#fileOf(roomId);
      this.#files.delete(roomId);
      await rm(path, { force: true });
    });
  }

  async close(): Promise<void> {
    await this.#work;
  }

  /** Deletes files that have not been written for too long, and the oldest ones above the bound of all together. */
  sweep(): void {
    this.#enqueue(() => this.#sweep());
  }

  async #sweep(): Promise<void> {
    this.#unswept = 0;
    this.#sweptAt = this.#options.now();
    const deleted = await sweepFolder(this.#options);
    for (const [roomId, { path }] of this.#files) if (deleted.has(path)) this.#files.delete(roomId);
  }

  #fileOf(roomId: RoomId): RoomFile {
    const file = this.#files.get(roomId) ?? new RoomFile(this.#options, roomId);
    this.#files.set(roomId, file);
    return file;
  }

  /** Runs the steps one after another. A step that fails loses entries, which is no error. */
  #enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch(() => {});
  }
}

/** Returns the paths of the files that it has deleted. */
async function sweepFolder({ directory, now }: ArchiveFolderOptions): Promise<ReadonlySet<string>> {
  const names = await filesIn(directory);
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, mtimeMs };
    }),
  );
  let total = 0;
  const deleted = new Set<string>();
  for (const { path, size, mtimeMs } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    total += size;
    const old = mtimeMs < now() - archiveBounds.ageMs;
    if (!old && total <= archiveBounds.totalBytes * bytesPerEntryByte) continue;
    await rm(path, { force: true });
    deleted.add(path);
  }
  return deleted;
}

/** Opens the archive in a folder, and creates the folder if it is missing. */
export async function openArchiveFolder(options: ArchiveFolderOptions): Promise<EntryArchive> {
  // A profile that cannot be written opens nevertheless, without an archive.
  await makePrivateDirectory(options.directory).catch(() => {});
  const folder = new ArchiveFolder(options);
  folder.sweep();
  return folder;
}
