/** Moves the ciphertext of a file to the server and from it, and goes on where the move was cut off. */
import { type ChatOperation, codeOf, type RequestOf, type ResultOf } from '@chat/protocol';
import { ClientError } from '../errors.ts';
import { movePieces } from './pieces.ts';
import type { StoredSave, StoredSend } from './stored-transfers.ts';
import type { Transfer } from './transfer.ts';
import type { TransferFiles } from './transfer-files.ts';

/** What a move needs. */
export interface MoveContext {
  readonly files: TransferFiles;
  /** Returns milliseconds. */
  readonly now: () => number;
  /** Sends a request, as `ClientContext.request` does. */
  request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>>;
  /** Stores everything; resolves when it would survive a crash. */
  save(): Promise<void>;
  /** Returns 16 random bytes in hexadecimal, and a key of 32 random bytes in base64url. */
  newBlob(): { readonly blob: string; readonly key: string };
}

/** Returns the error of a file whose bytes at the server are not those that its author has sent. */
export const alteredFile = (): ClientError =>
  new ClientError(
    'file-altered',
    'The server has not given what the author of the message has sent: it, or its disk, has altered the file. Nothing was saved: ask the author to send it again.',
  );

const requireGoingOn = (transfer: Transfer): void => {
  if (transfer.signal.aborted) throw new ClientError('cancelled', 'The transfer was cancelled.');
};

/** Encrypts the file, unless that is done. Another ciphertext needs another id, because the server may have a part of the one before. */
async function seal({ files, save, newBlob }: MoveContext, transfer: Transfer<StoredSend>): Promise<void> {
  const { stored, signal, total } = transfer;
  if (stored.file.hash !== '' && (await files.size(stored.spool)) === total) return;
  transfer.enter('preparing', 0);
  const file = { ...stored.file, ...newBlob() };
  const progress = (bytes: number) => transfer.progress(bytes);
  const source = { path: stored.path, size: file.size, key: file.key };
  const hash = await files.seal(stored.spool, source, { signal, progress });
  requireGoingOn(transfer);
  transfer.stored = { ...stored, file: { ...file, hash } };
  await save();
}

/**
 * Uploads a file, from where the server says on.
 *
 * @throws ProtocolError, ClientError
 */
export async function upload(context: MoveContext, transfer: Transfer<StoredSend>): Promise<void> {
  const { files, now, request } = context;
  await seal(context, transfer);
  const { total } = transfer;
  const { roomId: room, spool, file } = transfer.stored;
  const place = { room, blob: file.blob };
  const begun = await request('blob-create', { ...place, bytes: total });
  if (begun.finished) return;
  transfer.enter('moving', begun.received);
  await movePieces({
    ...{ from: begun.received, to: total, now },
    move: async (offset, length) => {
      requireGoingOn(transfer);
      return request('blob-append', { ...place, offset, bytes: await files.read(spool, offset, length) });
    },
    moved: ({ received }, offset, length) => {
      requireGoingOn(transfer);
      // An answer that shows fewer: the server has lost some. The next attempt asks where to go on.
      if (received < offset + length) throw new ClientError('unreachable', 'The server has lost a part of the file.');
      transfer.progress(received);
    },
  });
  transfer.enter('finishing', total);
  await request('blob-finish', { ...place, hash: file.hash });
}

/**
 * Downloads a file and saves it. Returns its path.
 *
 * @throws ProtocolError, ClientError
 */
export async function download({ files, now, request }: MoveContext, transfer: Transfer<StoredSave>): Promise<string> {
  const { stored, total, signal } = transfer;
  const { roomId: room, spool, file, target } = stored;
  const had = await files.size(spool);
  if (had > total) await files.remove(spool);
  const from = had > total ? 0 : had;
  transfer.enter('moving', from);
  await movePieces({
    ...{ from, to: total, now },
    move: (offset, length) => {
      requireGoingOn(transfer);
      return request('blob-read', { room, blob: file.blob, offset, limit: length });
    },
    moved: async ({ bytes }, offset, length) => {
      requireGoingOn(transfer);
      if (bytes.length !== length) throw alteredFile();
      await files.append(spool, bytes);
      transfer.progress(offset + length);
    },
  });
  transfer.enter('finishing', total);
  const progress = () => undefined;
  return files.open(spool, file, target, { signal, progress });
}

/** What becomes of a transfer after an error. */
export type MoveReaction =
  /** Goes on when the client is connected. */
  | 'wait'
  /** Goes on after a second. */
  | 'pause'
  /** Begins anew, once. */
  | 'begin-anew'
  | 'fail';

const reactions: Readonly<Record<string, MoveReaction>> = {
  offline: 'wait',
  closed: 'wait',
  unreachable: 'wait',
  'timed-out': 'wait',
  stopping: 'wait',
  'not-now': 'wait',
  'rate-limited': 'pause',
  internal: 'pause',
  'blob-mismatch': 'begin-anew',
  'file-altered': 'begin-anew',
  'transfer-lost': 'begin-anew',
};

/** Returns how a transfer goes on after an error. The server forgets a blob that took too long: sending it begins anew, too. */
export function reactionOf(error: unknown, isSending: boolean): MoveReaction {
  const code = codeOf(error) ?? '';
  if (isSending && code === 'unknown-blob') return 'begin-anew';
  return reactions[code] ?? 'fail';
}

const sentences: Readonly<Record<string, ClientError>> = {
  'unknown-operation': new ClientError(
    'files-unsupported',
    'This server is older than this client and keeps no files: ask its operator to update it.',
  ),
  'unknown-blob': new ClientError(
    'file-gone',
    'The server does not have this file any more: its author or a moderator has deleted it, or it was too old. Ask its author to send it again.',
  ),
};

/** Returns what is reported of the error with which a transfer fails. */
export const endError = (error: unknown): unknown => sentences[codeOf(error) ?? ''] ?? error;
