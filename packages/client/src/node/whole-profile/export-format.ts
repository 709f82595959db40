/**
 * The file of an export (docs/export-format.md): a line with the version, the identity key under the password, and a Fernet stream of all files of
 * the profile, each after a line with its path and size. The key of the stream is from the derivation that opens the identity key, and from the
 * digest of what stands before the stream.
 */
import { createHash, hkdfSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { ByteReader, readPieces } from '@chat/durable-files';
import { decryptStream, encryptStream, InvalidToken } from '@chat/fernet';
import { z } from 'zod';
import { ClientError } from '../../errors.ts';
import { profilePaths } from '../profile-paths.ts';

const firstLine = 'chat export 1\n';
const lastLineOfKey = '-----END ENCRYPTED PRIVATE KEY-----\n';
/** A larger head is not one. */
const maxHeadBytes = 8192;
/** The longest line before a file. */
const maxLineBytes = 1024;

const { lock, fence, socket, transfers } = profilePaths('');
/** Files that belong to the place of a profile. */
const ofThePlace: ReadonlySet<string> = new Set([basename(lock), basename(fence), basename(socket)]);

/** Returns whether a file with this path stays where it is: one that belongs to the place, a draft, or a file that is being sent or saved. */
export const staysHere = (path: string): boolean =>
  ofThePlace.has(path) || path.endsWith('.new') || path.startsWith(`${transfers}/`);

/** A path of a profile: none leads out of it, and none is hidden. */
const path = z
  .string()
  .regex(/^(?:[\w-][\w.-]*\/){0,3}[\w-][\w.-]*$/)
  .refine((name) => !staysHere(name));
const item = z.strictObject({ path, bytes: z.int().min(0) });

/** A file of a profile. */
export type ExportedFile = z.infer<typeof item>;

/** Returns whether an export can contain a file with this path. */
export const isExportable = (name: string): boolean => path.safeParse(name).success;

/** Returns the error for a file that is no export, or not a whole one. */
export const damaged = (cause?: unknown): ClientError =>
  new ClientError(
    'export-damaged',
    'The file is not an export of a profile, or it is damaged or incomplete: copy it again from where it was made. Nothing was imported.',
    { cause },
  );

const keyOf = (head: string, secret: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, createHash('sha256').update(head).digest(), 'chat/1 export', 32));

/** What stands before the stream. */
export interface ExportHead {
  /** The identity key under the password. */
  readonly identity: string;
  /** All of it. */
  readonly text: string;
}

/** Returns the head of an export. */
export const headOf = (identity: string): ExportHead => ({
  identity,
  text: `${firstLine}${identity.trimEnd()}\n`,
});

/**
 * Reads the head of an export.
 *
 * @throws ClientError `export-damaged`
 */
export async function readHead(file: FileHandle): Promise<ExportHead> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxHeadBytes), 0, maxHeadBytes, 0);
  const start = buffer.subarray(0, bytesRead).toString('latin1');
  const version = /^chat export (\d{1,9})\n/.exec(start)?.[1];
  if (version !== undefined && version !== '1') {
    throw new ClientError(
      'export-damaged',
      `The file is an export in the format ${version}, which this version of chat does not know: import it with the version that made it.`,
    );
  }
  const end = start.indexOf(lastLineOfKey);
  if (version === undefined || end === -1) throw damaged();
  const text = start.slice(0, end + lastLineOfKey.length);
  return { text, identity: text.slice(firstLine.length) };
}

async function* piecesOf(directory: string, files: readonly ExportedFile[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield Buffer.from(`${JSON.stringify(file)}\n`);
    let bytes = 0;
    for await (const piece of createReadStream(join(directory, file.path))) {
      bytes += piece.length;
      yield piece;
    }
    if (bytes !== file.bytes) throw new Error(`the file ${file.path} has changed`);
  }
}

/** Yields the bytes of an export, the head first. */
export async function* exportBytes(
  directory: string,
  files: readonly ExportedFile[],
  { head, secret }: { readonly head: ExportHead; readonly secret: Uint8Array },
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head.text, 'latin1');
  yield* ReadableStream.from(piecesOf(directory, files)).pipeThrough(encryptStream(keyOf(head.text, secret)));
}

/**
 * Reads the files of an export, one after the other, in the order of their paths. **They are complete only when it resolves**: what `write` got
 * before may be cut short.
 *
 * @param write takes the bytes of a file to their end
 * @throws ClientError `export-damaged`
 */
export async function readExport(
  file: FileHandle,
  { head, secret }: { readonly head: ExportHead; readonly secret: Uint8Array },
  write: (name: string, content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const source = ReadableStream.from(readPieces(file, Buffer.byteLength(head.text, 'latin1')));
  const bytes = new ByteReader(source.pipeThrough(decryptStream(keyOf(head.text, secret))), damaged);
  let last = '';
  try {
    for (let line = await bytes.line(maxLineBytes); line !== null; line = await bytes.line(maxLineBytes)) {
      const { path: name, bytes: count } = item.parse(JSON.parse(line));
      // No file is there twice.
      if (name <= last) throw damaged();
      last = name;
      await write(name, bytes.take(count));
    }
  } catch (error) {
    if ([InvalidToken, SyntaxError, z.ZodError].some((kind) => error instanceof kind)) throw damaged(error);
    throw error;
  }
}
