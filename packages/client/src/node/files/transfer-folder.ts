/** The disk of transfers: files to send, the folder with their ciphertext in the profile, and where files are saved. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { codeOf, filesIn, makeDirectorySynced, readPieces, syncDirectory } from '@chat/durable-files';
import { decryptStream, encryptStream, InvalidToken } from '@chat/fernet';
import { blobBytesOf, type FileReference, fromBase64url, limits, paddedFileBytes } from '@chat/protocol';
import { ClientError } from '../../errors.ts';
import { safeFileName } from '../../files/file-name.ts';
import { alteredFile } from '../../files/move-file.ts';
import type { SaveTarget } from '../../files/stored-transfers.ts';
import type { FileWork, TransferFiles } from '../../files/transfer-files.ts';
import { publishDraft } from './saved-name.ts';

const spoolName = /^[0-9a-f]{32}$/;
const zeroBytes = 65_536;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EACCES: 'you may not use it',
  EPERM: 'you may not use it',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your part of the disk is full',
  EROFS: 'the disk is read-only',
  ENAMETOOLONG: 'the name is too long',
};

const because = (error: unknown): string =>
  reasons[codeOf(error) ?? ''] ?? (error instanceof Error ? error.message : '');

const unusable = (path: string, why: string, cause?: unknown): ClientError =>
  new ClientError('file-unusable', `${path} cannot be sent: ${why}. Name a file that you can read.`, { cause });

const folderError = (folder: string, error: unknown): ClientError =>
  error instanceof ClientError
    ? error
    : new ClientError(
        'folder-unusable',
        `Nothing can be written in ${folder}: ${because(error)}. Name another folder, or free some space.`,
        { cause: error },
      );

/** Opens a file to send. What is no file, such as a pipe, is not waited for. */
async function openSource(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    throw unusable(path, because(error), error);
  });
  const found = await file.stat();
  const why = found.isFile()
    ? found.size > limits.fileBytes
      ? `it is larger than ${limits.fileBytes / 2 ** 30} GiB`
      : null
    : 'it is no file';
  if (why === null) return file;
  await file.close();
  throw unusable(path, why);
}

/** Yields the bytes of a file, and zeros up to the padded size. */
async function* padded(file: FileHandle, path: string, size: number, work: FileWork): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of readPieces(file, 0)) {
    work.signal.throwIfAborted();
    read += piece.length;
    if (read > size) break;
    yield piece;
    work.progress(read);
  }
  if (read !== size) throw unusable(path, 'it has changed since you sent it');
  for (let left = paddedFileBytes(size) - size; left > 0; left -= zeroBytes)
    yield new Uint8Array(Math.min(left, zeroBytes));
}

/** Yields the first `size` bytes of a stream, and requires that zeros up to the padded size follow. */
async function* withoutPadding(stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const data of stream) {
    const part = data.subarray(0, Math.max(0, size - read));
    if (data.subarray(part.length).some((byte) => byte !== 0)) throw alteredFile();
    read += data.length;
    if (part.length > 0) yield part;
  }
  if (read !== paddedFileBytes(size)) throw alteredFile();
}

async function write(file: FileHandle, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  // `writeFile` goes on where a write took less than it was given.
  for await (const piece of pieces) await file.writeFile(piece);
  await file.sync();
}

/** The transfers of one profile. */
export class TransferFolder implements TransferFiles {
  readonly #folder: string;

  /** @param folder of the spools; it is created with the first one */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async examine(path: string) {
    await using file = await openSource(path);
    return { name: basename(path), size: (await file.stat()).size };
  }

  async seal(
    spool: string,
    { path, size, key }: { readonly path: string; readonly size: number; readonly key: string },
    work: FileWork,
  ): Promise<string> {
    await using source = await openSource(path);
    // The file is closed when this is done.
    return await this.#inFolder(async () => {
      await makeDirectorySynced(this.#folder);
      await using file = await open(this.#path(spool), 'w', 0o600);
      const hash = createHash('sha256');
      const sealed = ReadableStream.from(padded(source, path, size, work)).pipeThrough(
        encryptStream(fromBase64url(key)),
      );
      await write(
        file,
        (async function* () {
          for await (const piece of sealed) {
            hash.update(piece);
            yield piece;
          }
        })(),
      );
      await syncDirectory(this.#folder);
      return hash.digest('hex');
    });
  }

  async size(spool: string): Promise<number> {
    return (await stat(this.#path(spool)).catch(() => null))?.size ?? 0;
  }

  async read(spool: string, offset: number, length: number): Promise<Uint8Array> {
    try {
      await using file = await open(this.#path(spool), 'r');
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
      if (bytesRead === length) return buffer;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw folderError(this.#folder, error);
    }
    throw new ClientError('transfer-lost', 'The encrypted copy of the file is gone.');
  }

  append(spool: string, bytes: Uint8Array): Promise<void> {
    return this.#inFolder(async () => {
      await makeDirectorySynced(this.#folder);
      await using file = await open(this.#path(spool), 'a', 0o600);
      await file.writeFile(bytes);
    });
  }

  async target(path: string): Promise<SaveTarget> {
    if (!isAbsolute(path)) throw new Error('The path of a target is absolute.');
    const found = await stat(path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw folderError(path, error);
    });
    if (found?.isDirectory() === true) return { folder: path, name: null };
    const folder = dirname(path);
    const parent = await stat(folder).catch(() => null);
    if (parent?.isDirectory() === true && !path.endsWith('/')) return { folder, name: basename(path) };
    throw new ClientError(
      'folder-unusable',
      `There is no folder ${parent === null ? folder : path}: create it, or name another one.`,
    );
  }

  async open(spool: string, reference: FileReference, target: SaveTarget, { signal }: FileWork): Promise<string> {
    const { folder } = target;
    await using file = await open(this.#path(spool), 'r').catch(() => {
      throw new ClientError('transfer-lost', 'What was fetched of the file is gone.');
    });
    await requireHash(file, reference, signal);
    const draft = join(folder, `.${randomBytes(8).toString('hex')}.part`);
    try {
      await using output = await open(draft, 'wx', 0o600);
      const opened = ReadableStream.from(readPieces(file, 0)).pipeThrough(decryptStream(fromBase64url(reference.key)));
      await write(output, withoutPadding(opened, reference.size));
      signal.throwIfAborted();
      return await publishDraft(draft, folder, target.name ?? safeFileName(reference.name));
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error instanceof InvalidToken ? alteredFile() : folderError(folder, error);
    }
  }

  async remove(spool: string): Promise<void> {
    await rm(this.#path(spool), { force: true });
  }

  async keepOnly(spools: readonly string[]): Promise<void> {
    const kept = new Set(spools);
    for (const name of await filesIn(this.#folder))
      if (spoolName.test(name) && !kept.has(name)) await this.remove(name);
  }

  #path(spool: string): string {
    return join(this.#folder, spool);
  }

  async #inFolder<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderError(this.#folder, error);
    }
  }
}

/** Requires that a file is the ciphertext that its author has sent. Before that, none of it is decrypted. */
async function requireHash(file: FileHandle, { size, hash }: FileReference, signal: AbortSignal): Promise<void> {
  const found = createHash('sha256');
  if ((await file.stat()).size !== blobBytesOf(size)) throw alteredFile();
  for await (const piece of readPieces(file, 0)) {
    signal.throwIfAborted();
    found.update(piece);
  }
  if (found.digest('hex') !== hash) throw alteredFile();
}
