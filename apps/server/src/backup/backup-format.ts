/**
 * The file of a backup (docs/backup-format.md): a line with the version, then the contents: a line that lists the files, the bytes of the files,
 * and a line with the digest of what stands before it. Under a password the contents are a Fernet stream, and the first line has the salt.
 */
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { ReadableStream } from 'node:stream/web';
import { ByteReader, readPieces } from '@chat/durable-files';
import { decryptStream, deriveKey, encryptStream, generateSalt, InvalidToken } from '@chat/fernet';
import { z } from 'zod';
import { CommandError } from '../command-error.ts';

const head = /^chat-server backup (\d{1,9})(?: ([\w-]{22}))?\n/;
/** The version of the format. */
const version = '1';
const maxHeadBytes = 64;
const maxLineBytes = 4096;

/** The files of a data directory that a backup has, by their names, in their order in the backup. */
export const backedUpNames = [
  'ca.pem',
  'ca-key.pem',
  'ca-next.pem',
  'ca-next-key.pem',
  'ca-chain.json',
  'ca.crl',
  'server.json',
  'chat.db',
] as const;
/** The name of a file in a backup. */
export type BackedUpName = (typeof backedUpNames)[number];

/** Files without which there is no server. */
const required: readonly BackedUpName[] = ['ca.pem', 'ca-key.pem', 'server.json', 'chat.db'];

const count = z.int().min(0);

/** Each file at most once, in the order of `backedUpNames`. */
const isOrdered = (files: readonly { readonly name: BackedUpName }[]): boolean =>
  files.every(
    ({ name }, at) => at === 0 || backedUpNames.indexOf(name) > backedUpNames.indexOf(files[at - 1]?.name ?? name),
  );

const contents = z.strictObject({
  /** The moment of which the backup is, in milliseconds. */
  madeAt: count,
  /** Fingerprint of the CA. */
  ca: z.string().regex(/^[0-9a-f]{64}$/),
  rooms: count,
  entries: count,
  accounts: count,
  files: z
    .array(z.strictObject({ name: z.enum(backedUpNames), bytes: count }))
    .refine((files) => isOrdered(files) && required.every((each) => files.some(({ name }) => name === each))),
});
/** What a backup says of itself. */
export type Contents = z.infer<typeof contents>;

/** Returns the error for a file that is no backup, or not a whole one. */
export const damagedBackup = (path: string, cause?: unknown): CommandError =>
  new CommandError(
    'backup-damaged',
    `${path} is not a backup of a server, or it is damaged or incomplete: use another one. Nothing was restored.`,
    { cause },
  );

const noPassword = (path: string): CommandError =>
  new CommandError(
    'backup-password',
    `${path} is encrypted: name the file that holds its password with --password-file.`,
  );

const wrongPassword = (path: string, cause: unknown): CommandError =>
  new CommandError(
    'backup-password',
    `The password does not open ${path}, or the file is damaged: put the right one into the --password-file, or use another backup. Nothing was restored.`,
    { cause },
  );

/** The source of one file of a backup. */
export type FileSource = (name: BackedUpName) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

async function* plainBytes(listed: Contents, source: FileSource): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  const line = Buffer.from(`${JSON.stringify(listed)}\n`);
  digest.update(line);
  yield line;
  for (const { name, bytes } of listed.files) {
    let read = 0;
    for await (const piece of source(name)) {
      read += piece.length;
      digest.update(piece);
      yield piece;
    }
    if (read !== bytes) throw new Error(`the file ${name} has changed`);
  }
  yield Buffer.from(`${digest.digest('hex')}\n`);
}

/**
 * Yields the bytes of a backup.
 *
 * @param password null for a backup that is not encrypted
 */
export async function* backupBytes(
  listed: Contents,
  source: FileSource,
  password: string | null,
): AsyncGenerator<Uint8Array> {
  if (password === null) {
    yield Buffer.from(`chat-server backup ${version}\n`);
    yield* plainBytes(listed, source);
    return;
  }
  const salt = generateSalt();
  yield Buffer.from(`chat-server backup ${version} ${Buffer.from(salt).toString('base64url')}\n`);
  yield* ReadableStream.from(plainBytes(listed, source)).pipeThrough(encryptStream(await deriveKey(password, salt)));
}

/** An open file with a backup. */
export interface BackupFile {
  readonly file: FileHandle;
  /** For messages. */
  readonly path: string;
  /** Null when none is given. */
  readonly password: string | null;
}

/** Returns the contents in the clear. */
async function contentsOf({ file, path, password }: BackupFile): Promise<AsyncIterable<Uint8Array>> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxHeadBytes), 0, maxHeadBytes, 0);
  const found = head.exec(buffer.subarray(0, bytesRead).toString('latin1'));
  if (found === null) throw damagedBackup(path);
  const [line, format, salt] = found;
  if (format !== version) {
    throw new CommandError(
      'data-too-new',
      `${path} is a backup in the format ${format}, which this program does not know: restore it with the version that made it.`,
    );
  }
  const pieces = readPieces(file, line.length);
  if (salt === undefined) return pieces;
  if (password === null) throw noPassword(path);
  const key = await deriveKey(password, Buffer.from(salt, 'base64url'));
  return ReadableStream.from(pieces).pipeThrough(decryptStream(key));
}

/** Passes pieces on, and adds them to a digest. */
async function* digested(pieces: AsyncIterable<Uint8Array>, digest: Hash): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    digest.update(piece);
    yield piece;
  }
}

/**
 * Reads a backup. **Its files are right only when it resolves**: what `write` got before may be cut short or altered.
 *
 * @param write takes the bytes of a file to their end
 * @throws CommandError `backup-damaged`, `backup-password`, `data-too-new`
 */
export async function readBackup(
  backup: BackupFile,
  write: (name: BackedUpName, content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<Contents> {
  const damaged = () => damagedBackup(backup.path);
  let isOpen = false;
  try {
    const bytes = new ByteReader(await contentsOf(backup), damaged);
    const digest = createHash('sha256');
    const line = await bytes.line(maxLineBytes);
    // The first piece of a stream is authentic, so the password is the right one.
    isOpen = true;
    if (line === null) throw damaged();
    const listed = contents.parse(JSON.parse(line));
    digest.update(`${line}\n`);
    for (const { name, bytes: size } of listed.files) await write(name, digested(bytes.take(size), digest));
    const isWhole = (await bytes.line(maxLineBytes)) === digest.digest('hex') && (await bytes.line(0)) === null;
    if (!isWhole) throw damaged();
    return listed;
  } catch (error) {
    if (error instanceof InvalidToken)
      throw isOpen ? damagedBackup(backup.path, error) : wrongPassword(backup.path, error);
    if (error instanceof SyntaxError || error instanceof z.ZodError) throw damagedBackup(backup.path, error);
    throw error;
  }
}
