/** Files between clients that share a disk for blobs: real folders, and no connection but calls. A test cuts and alters these. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChatOperation, type FileReference, ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import { createMemoryStore, MemoryDisk } from '@chat/server-core/contract';
import { temporaryFolder } from '@chat/testkit';
import { ClientFiles, type ClientFilesOptions } from '../../src/files/client-files.ts';
import type { StoredTransfer } from '../../src/files/stored-transfers.ts';
import { ClientError, type ClientEvent, type TransferView } from '../../src/index.ts';
import { TransferFolder } from '../../src/node/files/transfer-folder.ts';
import { systemScheduler } from '../../src/node/scheduler.ts';

const roomId = 'ab'.repeat(32);

/** A message with a file. */
export interface SentFile {
  readonly seq: number;
  readonly file: FileReference;
  readonly text: string;
}

type Answer = (operation: ChatOperation, fields: RequestOf<ChatOperation>) => Promise<object>;

/** Answers as a server does that knows one user and one room. */
function serverOver(disk: MemoryDisk): Answer {
  const { blobs } = createMemoryStore(disk);
  const handlers: { readonly [O in ChatOperation]?: (fields: RequestOf<O>) => Promise<ResultOf<O>> } = {
    'blob-create': async ({ blob: id, bytes }) => {
      const stored = await blobs.create({ id, room: roomId, user: 'alice', bytes, createdAt: 1 });
      return { received: await blobs.received(id), finished: stored.finishedAt !== null };
    },
    'blob-append': async ({ blob, offset, bytes }) => ({ received: await blobs.append(blob, offset, bytes) }),
    'blob-finish': async ({ blob, hash }) => {
      const outcome = await blobs.finish(blob, hash, 2);
      if (outcome !== 'finished') throw new ProtocolError('blob-mismatch', outcome);
      return {};
    },
    'blob-read': async ({ blob, offset, limit }) => {
      if ((await blobs.find(blob)) === null) throw new ProtocolError('unknown-blob', 'It is gone.');
      return { bytes: await blobs.read(blob, offset, limit) };
    },
    'blob-delete': async ({ blob }) => {
      await blobs.delete(blob);
      return {};
    },
  };
  return (operation, fields) => (handlers[operation] as (fields: object) => Promise<object>)(fields);
}

/** A client, and the folder in which it saves. */
export class FileClient {
  readonly files: ClientFiles;
  readonly events: TransferView[] = [];
  readonly folder: string;
  readonly #world: FileWorld;
  #changed: () => void = () => undefined;

  constructor(world: FileWorld, name: string, stored: readonly StoredTransfer[]) {
    this.#world = world;
    this.folder = world.folder(`${name}-saved`);
    const room = {
      roomId,
      said: { find: async (seq: number) => world.messages.find((each) => each.seq === seq) ?? null },
      send: async (said: Pick<SentFile, 'file' | 'text'>) => world.say(said),
    };
    const options: ClientFilesOptions = {
      files: new TransferFolder(world.folder(`${name}-transfers`)),
      scheduler: { now: () => systemScheduler.now(), after: (_, action) => systemScheduler.after(0, action) },
      stored,
      request: (operation, fields) => world.request(operation, fields),
      save: async () => undefined,
      newBlob: () => ({ blob: randomBytes(16).toString('hex'), key: randomBytes(32).toString('base64url') }),
      emit: (event: ClientEvent) => {
        if (event.kind === 'transfer') this.events.push(event.transfer);
        this.#changed();
      },
      isOnline: () => true,
      active: () => room,
      find: () => room,
      sent: () => null,
    };
    this.files = new ClientFiles(options);
    this.files.connected();
  }

  /** Resolves with the first event of a transfer that is over. */
  async end(id = 1): Promise<TransferView> {
    for (;;) {
      const end = this.events.find((each) => each.id === id && ['done', 'failed', 'cancelled'].includes(each.state));
      if (end !== undefined) return end;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Stops as a program does that ends, and starts again with what is stored. */
  async restart(name: string): Promise<FileClient> {
    const { stored } = this.files;
    await this.files.close();
    return new FileClient(this.#world, name, JSON.parse(JSON.stringify(stored)));
  }

  /** Returns the names and the bytes of what was saved, hidden files too. */
  saved(): Readonly<Record<string, Buffer>> {
    return Object.fromEntries(readdirSync(this.folder).map((name) => [name, readFileSync(join(this.folder, name))]));
  }
}

/** The server, and what members have said. */
export class FileWorld {
  readonly disk = new MemoryDisk();
  readonly messages: SentFile[] = [];
  readonly requests: string[] = [];
  /** Called before each request and after it; what it throws is what the client gets. */
  before: (count: number) => void = () => undefined;
  after: (count: number) => void = () => undefined;
  /** Alters answers. */
  alter: (operation: ChatOperation, answer: object) => object = (_, answer) => answer;
  readonly #root = temporaryFolder().path;
  readonly #answer = serverOver(this.disk);

  folder(name: string): string {
    const path = join(this.#root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Writes a file to send, of bytes that no compression makes smaller. Returns its path. */
  source(name: string, bytes: Uint8Array): string {
    const path = join(this.folder('sources'), name);
    writeFileSync(path, bytes);
    return path;
  }

  say(said: Pick<SentFile, 'file' | 'text'>): { readonly seq: number } {
    const seq = this.messages.length + 1;
    this.messages.push({ seq, file: said.file, text: said.text });
    return { seq };
  }

  /** The request of a client. */
  async request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>> {
    const count = this.requests.push(operation);
    this.before(count);
    const answer = this.alter(operation, await this.#answer(operation, fields as RequestOf<ChatOperation>));
    this.after(count);
    return answer as ResultOf<O>;
  }
}

/** The error of a connection that is lost. */
export const lost = (): ClientError => new ClientError('unreachable', 'The connection was lost.');

/** Returns bytes that follow from their number. */
export function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let block = createHash('sha256').update(String(length)).digest();
  for (let at = 0; at < length; at += block.length) {
    block.copy(bytes, at);
    block = createHash('sha256').update(block).digest();
  }
  return bytes;
}
