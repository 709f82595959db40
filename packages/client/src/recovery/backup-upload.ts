/** Makes a backup at the server: what it does not have goes up, then the head is replaced, then the server erases what is of no use any more. */

import type { StoredMessages } from '@chat/message-store';
import {
  fromHex,
  limits,
  ProtocolError,
  type RequestOf,
  type ResultOf,
  sha256Hex,
  toHex,
  type UserName,
} from '@chat/protocol';
import { ClientError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import type { StoredBackup, StoredRecovery } from '../storage/stored-recovery.ts';
import type { Stored } from '../storage/stored-state.ts';
import {
  type BackupCipher,
  type BackupFile,
  chunkBytes,
  contentName,
  encodeIndex,
  fileNames,
  nameText,
  piecesOf,
  sealHead,
} from './backup-format.ts';
import { itemsOf, markOf, type StateItem } from './backup-state.ts';

/** The operations that a backup needs. */
export type RecoveryOperation =
  | 'put-recovery-key'
  | 'end-recovery'
  | 'get-recovery'
  | 'list-recovery-chunks'
  | 'put-recovery-chunk'
  | 'get-recovery-chunk'
  | 'drop-recovery-chunks'
  | 'put-recovery-manifest';

/** Sends a request on the current connection, as `ClientContext.request` does. */
export type RecoveryRequest = <O extends RecoveryOperation>(operation: O, fields: RequestOf<O>) => Promise<ResultOf<O>>;

/** The files of the messages, as they stand on the disk: sealed. */
export interface SealedSegments {
  /** Returns the size of a file in bytes; null if it is not there any more. */
  size(file: string): Promise<number | null>;
  /** Returns bytes of a file; null if they are not there any more. */
  read(file: string, position: number, length: number): Promise<Uint8Array | null>;
}

/** What a backup is made of. */
export interface BackupSource {
  readonly user: UserName;
  readonly serverId: string;
  readonly scheduler: Scheduler;
  readonly cipher: BackupCipher;
  readonly recovery: StoredRecovery;
  readonly segments: SealedSegments;
  readonly request: RecoveryRequest;
  /** Returns the state as it is now. */
  snapshot(): Stored;
}

/** Bytes that go up at once. The rest is sent at half the rate that the server allows, so that messages go on. */
const burstBytes = 4 * 1024 * 1024;
const bytesPerSecond = 512 * 1024;
/** The pause after the server has refused a request for its rate, and how many of them there are. */
const ratePauseMs = 2_000;
const maxRatePauses = 60;
/** How often a backup begins anew because files of its messages were merged meanwhile. */
const maxAttempts = 3;
/** What encryption adds to a chunk. */
const sealBytes = limits.recoveryChunkBytes - chunkBytes;

class FileGone extends Error {}

const sizeOf = (bytes: number): number => bytes + Math.ceil(bytes / chunkBytes) * sealBytes;

/** The chunks of a backup. */
class Upload {
  readonly #source: BackupSource;
  readonly #atServer: ReadonlySet<string>;
  /** The names of all chunks that the backup has, in hex. */
  readonly live = new Set<string>();
  bytes = 0;
  #sent = 0;

  constructor(source: BackupSource, atServer: ReadonlySet<string>) {
    this.#source = source;
    this.#atServer = atServer;
  }

  /** Adds a chunk, and sends it unless the server has it. */
  async add(name: Uint8Array, bytes: number, content: () => Promise<Uint8Array>): Promise<void> {
    const { cipher, scheduler } = this.#source;
    const id = toHex(name);
    if (this.live.has(id)) return;
    this.live.add(id);
    this.bytes += bytes + sealBytes;
    if (this.#atServer.has(id)) return;
    const chunk = cipher.seal(await content(), name);
    await patiently(this.#source, () => this.#source.request('put-recovery-chunk', { name, chunk }));
    this.#sent += chunk.length;
    if (this.#sent > burstBytes) await pause(scheduler, (chunk.length / bytesPerSecond) * 1_000);
  }

  /** Adds the chunks of a content. Returns their names. */
  async addContent(content: Uint8Array): Promise<readonly string[]> {
    const names: string[] = [];
    for (const piece of piecesOf(content)) {
      const name = contentName(this.#source.cipher, piece);
      await this.add(name, piece.length, async () => piece);
      names.push(nameText(name));
    }
    return names;
  }

  async addFile(file: BackupFile): Promise<void> {
    for (const [at, name] of fileNames(this.#source.cipher, file).entries()) {
      const position = at * chunkBytes;
      const length = Math.min(chunkBytes, file.bytes - position);
      await this.add(name, length, async () => {
        const bytes = await this.#source.segments.read(file.file, position, length);
        if (bytes === null) throw new FileGone();
        return bytes;
      });
    }
  }
}

const pause = (scheduler: Scheduler, ms: number): Promise<void> =>
  new Promise((resolve) => scheduler.after(ms, resolve));

/** Sends a request, and again after a pause when the server takes no more of them now. */
export async function patiently<T>({ scheduler }: Pick<BackupSource, 'scheduler'>, send: () => Promise<T>): Promise<T> {
  for (let pauses = 0; ; pauses += 1) {
    try {
      return await send();
    } catch (error) {
      const isRate = error instanceof ProtocolError && error.code === 'rate-limited';
      if (!isRate || pauses === maxRatePauses) throw error;
      await pause(scheduler, ratePauseMs);
    }
  }
}

/** Returns the names of all chunks that the server has, in hex. */
async function chunksAtServer({ request }: BackupSource): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let after: Uint8Array | null = null; ; ) {
    const { names, more }: ResultOf<'list-recovery-chunks'> = await request(
      'list-recovery-chunks',
      after === null ? {} : { after },
    );
    for (let at = 0; at < names.length; at += 32) found.add(toHex(names.subarray(at, at + 32)));
    after = names.subarray(-32);
    // A server that names none, or the same ones for ever, ends here.
    if (!more || names.length === 0) return found;
  }
}

async function drop({ request }: BackupSource, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += limits.recoveryNamesPerRequest) {
    const page = fromHex(names.slice(at, at + limits.recoveryNamesPerRequest).join(''));
    await request('drop-recovery-chunks', { names: page });
  }
}

interface Chosen {
  readonly files: readonly BackupFile[];
  readonly left: BackupFileCount;
}
type BackupFileCount = StoredBackup['left'];

/** Chooses the files of messages that fit, those with the newest messages first. The state has its place twice: the one before is erased last. */
async function chooseFiles(source: BackupSource, segments: StoredMessages['segments'], room: number): Promise<Chosen> {
  const files: BackupFile[] = [];
  const left = { files: 0, bytes: 0 };
  let free = room;
  for (const { file } of [...segments].sort((a, b) => b.latest - a.latest)) {
    const bytes = await source.segments.size(file);
    if (bytes === null) throw new FileGone();
    // An older file that is smaller is left out, too: what is missing is then all from before some time.
    if (left.files === 0 && sizeOf(bytes) <= free) {
      files.push({ file, bytes });
      free -= sizeOf(bytes);
    } else {
      left.files += 1;
      left.bytes += bytes;
    }
  }
  return { files, left };
}

const tooLarge = (quota: number): ClientError =>
  new ClientError(
    'backup-too-large',
    `Your keys and rooms alone are more than the ${quota} bytes that the server keeps of a backup: ask its operator to keep more, or leave rooms.`,
  );

/**
 * Erases the chunks at the server that this backup does not have: also those of the backup before, which is incomplete from then on. Returns
 * those that are left.
 */
async function withoutOthers(
  source: BackupSource,
  atServer: ReadonlySet<string>,
  { state, files }: { readonly state: readonly StateItem[]; readonly files: readonly BackupFile[] },
): Promise<ReadonlySet<string>> {
  const pieces = state.flatMap(({ content }) => [...piecesOf(content)]);
  const names = pieces.map((piece) => contentName(source.cipher, piece));
  for (const file of files) names.push(...fileNames(source.cipher, file));
  const wanted = new Set(names.map(toHex));
  await drop(
    source,
    [...atServer].filter((id) => !wanted.has(id)),
  );
  return new Set([...atServer].filter((id) => wanted.has(id)));
}

interface UploadOptions {
  readonly quota: number;
  readonly number: number;
  /** True if the server has refused a chunk because it keeps no more. Uploads that were cut off may have left theirs. */
  readonly isFull: boolean;
}

/** Uploads a backup of the state as it is now. */
async function upload(source: BackupSource, { quota, number, isFull }: UploadOptions): Promise<StoredBackup> {
  const { user, serverId, scheduler, recovery, request, cipher } = source;
  const at = scheduler.now();
  const stored = source.snapshot();
  const state: readonly StateItem[] = itemsOf(stored);
  const stateBytes = state.reduce((sum, { content }) => sum + sizeOf(content.length), 0);
  if (stateBytes > quota) throw tooLarge(quota);
  const { files, left } = await chooseFiles(
    source,
    stored.messages?.segments ?? [],
    quota - 2 * stateBytes - 4 * chunkBytes,
  );
  let atServer = await chunksAtServer(source);
  if (isFull) atServer = await withoutOthers(source, atServer, { state, files });
  const chunks = new Upload(source, atServer);
  const items: { name: string; bytes: number; chunks: string[] }[] = [];
  for (const { name, content } of state) {
    items.push({ name, bytes: content.length, chunks: [...(await chunks.addContent(content))] });
  }
  for (const file of files) await chunks.addFile(file);
  const index = encodeIndex({ items, files: [...files], left });
  const indexNames = await chunks.addContent(index);
  const manifest = sealHead(cipher, {
    ...{ v: 1, serverId, user, number, at },
    previous: recovery.latest?.hash ?? null,
    identity: recovery.identity,
    madeAt: recovery.madeAt,
    index: { bytes: index.length, chunks: [...indexNames] },
  });
  await request('put-recovery-manifest', { number, manifest });
  await drop(
    source,
    [...atServer].filter((id) => !chunks.live.has(id)),
  );
  return { number, at, bytes: chunks.bytes, left, hash: sha256Hex(manifest), mark: markOf(stored) };
}

/**
 * Makes a backup of the state as it is now.
 *
 * @param atServer what `get-recovery` has returned for the key of the recovery
 * @returns what the server has then
 * @throws ProtocolError the server's refusal
 * @throws ClientError `backup-too-large`; as `ClientContext.request`
 */
export async function uploadBackup(
  source: BackupSource,
  { quota, number }: Pick<ResultOf<'get-recovery'>, 'quota' | 'number'>,
): Promise<StoredBackup> {
  const next = Math.max(number, source.recovery.latest?.number ?? 0) + 1;
  let isFull = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await upload(source, { quota, number: next, isFull });
    } catch (error) {
      const becomesFull: boolean = !isFull && error instanceof ProtocolError && error.code === 'recovery-full';
      if ((!(error instanceof FileGone) && !becomesFull) || attempt === maxAttempts) throw error;
      isFull ||= becomesFull;
    }
  }
}
