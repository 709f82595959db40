/** Fetches a backup from the server, and checks all of it: a chunk that was altered, or is another one, opens under no name but its own. */
import { ProtocolError } from '@chat/protocol';
import { ClientError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Stored } from '../storage/stored-state.ts';
import {
  type BackupCipher,
  type BackupFile,
  type BackupHead,
  type BackupIndex,
  decodeIndex,
  fileNames,
  nameBytes,
} from './backup-format.ts';
import { stateOf } from './backup-state.ts';
import { patiently, type RecoveryRequest } from './backup-upload.ts';

/** Where a backup comes from. */
export interface BackupPlace {
  readonly request: RecoveryRequest;
  readonly scheduler: Scheduler;
  readonly cipher: BackupCipher;
}

const damaged = (what: string): ClientError =>
  new ClientError(
    'backup-damaged',
    `The server does not have all of your backup, or has altered it: ${what}. Nothing was restored; try again later, and ask the operator of the server.`,
  );

async function chunk({ request, cipher, scheduler }: BackupPlace, name: Uint8Array): Promise<Uint8Array> {
  const { chunk: sealed } = await patiently({ scheduler }, () => request('get-recovery-chunk', { name })).catch(
    (error: unknown) => {
      if (error instanceof ProtocolError && error.code === 'no-recovery') throw damaged('a part is missing');
      throw error;
    },
  );
  const bytes = cipher.open(sealed, name);
  if (bytes === null) throw damaged('a part is not the one that your device has stored');
  return bytes;
}

/** Yields the bytes of a content. */
async function* content(place: BackupPlace, names: readonly Uint8Array[], bytes: number): AsyncGenerator<Uint8Array> {
  let count = 0;
  for (const name of names) {
    const piece = await chunk(place, name);
    count += piece.length;
    yield piece;
  }
  if (count !== bytes) throw damaged('a part has another length');
}

async function whole(place: BackupPlace, names: readonly string[], bytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content(place, names.map(nameBytes), bytes)) pieces.push(piece);
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A backup whose state was fetched. */
export interface FetchedBackup {
  readonly stored: Stored;
  readonly index: BackupIndex;
}

/**
 * Fetches the state of a backup.
 *
 * @throws ClientError `backup-damaged`
 */
export async function fetchState(place: BackupPlace, { index: named }: BackupHead): Promise<FetchedBackup> {
  const index = decodeIndex(await whole(place, named.chunks, named.bytes));
  if (index === null) throw damaged('its index cannot be read');
  const items = new Map<string, Uint8Array>();
  for (const { name, bytes, chunks } of index.items) items.set(name, await whole(place, chunks, bytes));
  const stored = await stateOf(items);
  if (stored === null) throw damaged('its state cannot be read, or a later version of chat has made it');
  return { stored, index };
}

/** Yields the bytes of a file of messages. @throws ClientError `backup-damaged` */
export const fetchFile = (place: BackupPlace, file: BackupFile): AsyncGenerator<Uint8Array> =>
  content(place, fileNames(place.cipher, file), file.bytes);
