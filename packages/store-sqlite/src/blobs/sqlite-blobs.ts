/** The blobs of a store: rows in the database, and bytes in files beside it. The row is written before the first byte and erased after the last. */
import { type BlobStore, type DamagedRow, StoreDamage } from '@chat/server-core';
import { StoreError } from '../errors.ts';
import type { Call } from '../operation.ts';
import { systemCodeOf } from '../sqlite-error.ts';
import { BlobFiles } from './blob-files.ts';

/** Files that are removed in one step. */
const erasedAtOnce = 100;

/** What the blobs of a store need. */
export interface SqliteBlobsOptions {
  readonly call: Call;
  /** The folder of the files. */
  readonly folder: string;
  /** Called with each blob whose bytes are missing. */
  readonly damaged: (row: DamagedRow) => void;
}

/** Blobs, and what their store needs to end. */
export interface SqliteBlobs {
  readonly blobs: BlobStore;
  /** Resolves when no call is in progress. */
  settled(): Promise<void>;
}

/** Returns what the file system refuses as an error of the store. */
function asStoreError(error: unknown, folder: string): unknown {
  const code = systemCodeOf(error);
  if (error instanceof StoreError || error instanceof StoreDamage || code === null || !/^E[A-Z]+$/.test(code))
    return error;
  return new StoreError(
    'store-unavailable',
    `The files in ${folder} cannot be read or written (${code}): check the disk and the permissions.`,
    { cause: error },
  );
}

/** Returns the blobs of a store. */
export function sqliteBlobs({ call, folder, damaged }: SqliteBlobsOptions): SqliteBlobs {
  const files = new BlobFiles(folder);
  const writing = new Map<string, Promise<unknown>>();
  const findBlob = call('findBlob');

  const failing = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw asStoreError(error, folder);
    });

  /** Runs one piece of work on a blob after another. */
  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = writing.get(id) ?? Promise.resolve();
    const done = failing(before.then(work));
    const settled = done.catch(() => undefined);
    writing.set(id, settled);
    void settled.then(() => {
      if (writing.get(id) === settled) writing.delete(id);
    });
    return done;
  }

  const damage = (id: string): StoreDamage => {
    damaged({ table: 'blobs', key: id });
    return new StoreDamage(`The bytes of the blob ${id} are missing.`);
  };

  const blobs: BlobStore = {
    create: call('createBlob'),

    async find(id) {
      const row = await findBlob(id);
      if (row === null) return null;
      const { number: _, ...blob } = row;
      return blob;
    },

    received: (id) =>
      inTurn(id, async () => {
        const row = await findBlob(id);
        if (row === null) return 0;
        return row.finishedAt === null ? files.received(row) : row.bytes;
      }),

    append: (id, offset, bytes) =>
      inTurn(id, async () => {
        const row = await findBlob(id);
        if (row === null) return 0;
        return row.finishedAt === null ? files.append(row, offset, bytes) : row.bytes;
      }),

    finish: (id, hash, now) =>
      inTurn(id, async () => {
        const row = await findBlob(id);
        if (row === null) return 'incomplete';
        if (row.finishedAt !== null) return row.hash === hash ? 'finished' : 'wrong-hash';
        const outcome = await files.complete(row, hash);
        if (outcome === 'finished') await call('finishBlob')(id, hash, now);
        return outcome;
      }),

    async read(id, offset, limit) {
      const row = await findBlob(id);
      const bytes = row?.finishedAt == null ? null : await failing(files.read(row, offset, limit));
      if (bytes === null) throw damage(id);
      return bytes;
    },

    delete: (id) => inTurn(id, () => call('deleteBlob')(id)),
    deleteOfRoom: call('deleteBlobsOfRoom'),
    deleteUnfinished: call('deleteUnfinishedBlobs'),

    async erase() {
      for (let erased = 0; ; ) {
        const numbers = await call('deletedBlobs')(erasedAtOnce);
        if (numbers.length === 0) return erased;
        // What was begun before a row was deleted may still create its file.
        await Promise.all(writing.values());
        await failing(files.remove(numbers));
        await call('forgetDeletedBlobs')(numbers);
        erased += numbers.length;
      }
    },

    usage: call('blobUsage'),
    list: call('listBlobs'),

    async verify(id) {
      const row = await findBlob(id);
      return row?.hash == null ? 'missing' : failing(files.verify(row, row.hash));
    },
  };

  return {
    blobs,
    settled: async () => void (await Promise.all(writing.values())),
  };
}
