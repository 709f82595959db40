/** What goes up: only what the server does not have, within what it keeps, the head last. */
import { createHash } from 'node:crypto';
import { emptyMessages } from '@chat/message-store';
import { toHex } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackupCipher } from '../../src/node/recovery/backup-support.ts';
import { chunkBytes } from '../../src/recovery/backup-format.ts';
import { uploadBackup } from '../../src/recovery/backup-upload.ts';
import { emptyStored, type Stored } from '../../src/storage/stored-state.ts';
import { Shelf } from '../support/shelf.ts';

const key = Buffer.alloc(32, 7).toString('base64url');

type Files = ReadonlyMap<string, Uint8Array>;

const fileName = (index: number): string => createHash('md5').update(String(index)).digest('hex');

/** A state with these files of messages, the oldest first, and rooms that the user has knocked at. */
const stateWith = (files: Files, knocked: readonly string[] = []): Stored => ({
  ...emptyStored,
  knocked: Object.fromEntries(knocked.map((name) => [name, name])),
  messages: {
    ...emptyMessages,
    segments: [...files.keys()].map((file, index) => ({
      ...{ file, key: 'AAAA', count: 1, bytes: 1, blocks: 1, directory: 0, streams: [], oldest: 0 },
      latest: index,
    })),
  },
});

/** Lets no time pass. */
const at = (_: number, action: () => void) => {
  queueMicrotask(action);
  return () => undefined;
};

const source = (shelf: Shelf, files: Files, snapshot: () => Stored) => ({
  ...{ user: 'alice', serverId: 'f'.repeat(64), cipher: createBackupCipher(key), request: shelf.request, snapshot },
  scheduler: { now: () => 1_000, after: at },
  recovery: { key, publicKey: 'AAAA', identity: 'AAAA', madeAt: 1, latest: null },
  segments: {
    size: async (file: string) => files.get(file)?.length ?? null,
    read: async (file: string, position: number, length: number) =>
      files.get(file)?.subarray(position, position + length) ?? null,
  },
});

const plenty = { quota: 100_000_000, number: 0 };

const someFiles = fc.array(fc.integer({ min: 1, max: 3 * chunkBytes }), { maxLength: 5 });

test('only chunks that the server does not have go up, and what no backup names is dropped after the head', async () => {
  await fc.assert(
    fc.asyncProperty(someFiles, someFiles, fc.boolean(), async (before, added, isChanged) => {
      const shelf = new Shelf();
      const filesOf = (sizes: readonly number[], from: number): Files =>
        new Map(sizes.map((size, index) => [fileName(from + index), new Uint8Array(size).fill(index + 1)]));
      const first = filesOf(before, 0);
      await uploadBackup(
        source(shelf, first, () => stateWith(first)),
        plenty,
      );
      const had = new Set(shelf.chunks.keys());
      shelf.sent.length = 0;
      // The first file was merged into new ones.
      const second: Files = new Map([...[...first].slice(1), ...filesOf(added, 100)]);
      const state = stateWith(second, isChanged ? ['den'] : []);
      await uploadBackup(
        source(shelf, second, () => state),
        { ...plenty, number: 1 },
      );
      expect(shelf.sent.filter((name) => had.has(name))).toEqual([]);
      expect(new Set(shelf.sent).size).toBe(shelf.sent.length);
      // Until the new head is there, all of the backup before is, too.
      for (const name of had) expect(shelf.atHead.has(name)).toBe(true);
      shelf.sent.length = 0;
      await uploadBackup(
        source(shelf, second, () => state),
        { ...plenty, number: 2 },
      );
      expect(shelf.sent.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 30 },
  );
});

test('the newest messages go first when not all fit, and what is left out is counted', async () => {
  const shelf = new Shelf();
  const files: Files = new Map([1, 2, 3].map((index) => [fileName(index), new Uint8Array(chunkBytes)]));
  const made = await uploadBackup(
    source(shelf, files, () => stateWith(files)),
    { quota: 7 * chunkBytes, number: 0 },
  );
  expect(made.left).toEqual({ files: 1, bytes: chunkBytes });
  expect(
    await rejectedCode(
      uploadBackup(
        source(shelf, files, () => stateWith(files)),
        { quota: 10, number: 0 },
      ),
    ),
  ).toBe('backup-too-large');
});

test('a backup begins anew when a file was merged meanwhile, and goes on when the server takes no more for a while', async () => {
  const shelf = new Shelf();
  const files: Files = new Map([[fileName(1), new Uint8Array(9)]]);
  const states = [stateWith(new Map([[fileName(2), new Uint8Array(9)]])), stateWith(files)];
  shelf.refusals = 2;
  const made = await uploadBackup(
    source(shelf, files, () => states.shift() ?? stateWith(files)),
    plenty,
  );
  expect(made.number).toBe(1);
  expect(shelf.order.filter((operation) => operation === 'put-recovery-manifest')).toHaveLength(1);
});

test('what uploads that were cut off have left is erased when the server keeps no more', async () => {
  const shelf = new Shelf();
  const files = new Map([[fileName(1), new Uint8Array(3 * chunkBytes).fill(1)]]);
  const first = await uploadBackup(
    source(shelf, files, () => stateWith(files)),
    plenty,
  );
  for (let index = 0; index < 4; index++) shelf.chunks.set(toHex(Buffer.alloc(32, index)), new Uint8Array(chunkBytes));
  shelf.quota = [...shelf.chunks.values()].reduce((sum, { length }) => sum + length, 0);
  shelf.sent.length = 0;
  const next = { quota: shelf.quota, number: first.number };
  const second = await uploadBackup(
    source(shelf, files, () => stateWith(files, ['den'])),
    next,
  );
  expect(second.number).toBe(first.number + 1);
  // The file was not sent again.
  expect(shelf.sent.length).toBeLessThan(3);
  expect(shelf.chunks.size).toBe(shelf.atHead.size);
  shelf.quota = 0;
  expect(
    await rejectedCode(
      uploadBackup(
        source(shelf, files, () => stateWith(files, ['other'])),
        next,
      ),
    ),
  ).toBe('recovery-full');
});
