/** Failures of the disk, of another process and of the thread: reported, never acknowledged, and over when their cause is gone. */
import { Worker } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { entryAt, roomId } from './support/entry.ts';
import { temporaryFile } from './support/temporary-file.ts';

const unavailable = { code: 'store-unavailable' };

describe('a full disk', () => {
  test('is reported, loses nothing, and is over when there is space again', async () => {
    const path = temporaryFile();
    const store = await openSqliteStore(path, { maxBytes: 400_000 });
    await store.append(entryAt(1, 1));
    const other = new Sqlite(path);
    other.exec('CREATE TABLE filler (data BLOB); INSERT INTO filler VALUES (zeroblob(200000))');

    let acknowledged = 1;
    const failure = await (async () => {
      for (;;) {
        try {
          await store.append(entryAt(1, acknowledged + 1, 5_000));
          acknowledged++;
        } catch (error) {
          return error;
        }
      }
    })();
    expect(failure).toMatchObject(unavailable);
    // Everything in one transaction fails with it.
    const refused = await Promise.allSettled([2, 3, 4].map((room) => store.append(entryAt(room, 1, 20_000))));
    expect(refused.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    // Reading still works.
    expect((await store.load(roomId(1)))?.head).toBe(acknowledged);
    expect(await store.findRoom('room-2', 'alice')).toBeNull();

    other.exec('DROP TABLE filler');
    other.close();
    await store.append(entryAt(1, acknowledged + 1, 5_000));
    expect(await store.read(roomId(1), 0, 1_000, 1e9)).toHaveLength(acknowledged + 1);
    await store.close();
  });
});

describe('another process that holds the file', () => {
  test('is waited for until the timeout, then reported', async () => {
    const path = temporaryFile();
    const store = await openSqliteStore(path, { busyTimeoutMs: 20 });
    const other = new Sqlite(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.append(entryAt(1, 1))).rejects.toMatchObject(unavailable);
    expect(await store.load(roomId(1))).toBeNull();
    other.exec('COMMIT');
    await store.append(entryAt(1, 1));
    await store.close();
    other.close();
  });
});

describe('closing', () => {
  test('answers earlier requests, and refuses later ones', async () => {
    const path = temporaryFile();
    const store = await openSqliteStore(path);
    const asked = Array.from({ length: 700 }, (_, index) => store.append(entryAt(1, index + 1)));
    const closed = store.close();
    await expect(store.load(roomId(1))).rejects.toMatchObject({ code: 'store-closed' });
    await Promise.all(asked);
    await closed;
    await store.close();

    const again = await openSqliteStore(path);
    expect((await again.load(roomId(1)))?.head).toBe(700);
    await again.close();
  });

  test('leaves no call pending when the thread dies', async () => {
    const postMessage = vi.spyOn(Worker.prototype, 'postMessage');
    const store = await openSqliteStore(temporaryFile());
    await store.append(entryAt(1, 1));
    const worker = postMessage.mock.contexts[0];
    postMessage.mockRestore();

    const pending = Promise.allSettled([2, 3, 4].map((seq) => store.append(entryAt(1, seq))));
    await (worker as Worker).terminate();
    const failed = (await pending).filter((result) => result.status === 'rejected');
    for (const { reason } of failed) expect(reason).toMatchObject(unavailable);
    await expect(store.load(roomId(1))).rejects.toMatchObject(unavailable);
    expect(await store.failed).toMatchObject(unavailable);
    await store.close();
  });
});

describe('a batch', () => {
  test('shares a commit, in which a refused write does not affect the others', async () => {
    const path = temporaryFile();
    const store = await openSqliteStore(path);
    const other = new Sqlite(path, { readonly: true });
    await Promise.all([1, 2, 3].map((room) => store.append(entryAt(room, 1))));
    // `data_version` counts the commits of other connections.
    const before = other.pragma('data_version', { simple: true });
    const recipients = new Uint8Array(32);
    const sheet = { place: 0, size: 1, recipients, slots: new Uint8Array(60).fill(1), waiting: 1, above: recipients };
    const outcomes = await Promise.allSettled([
      store.append(entryAt(1, 2)),
      store.append(entryAt(2, 9)),
      // Fails on its second sheet, which begins with the same recipient.
      store.append({
        ...entryAt(2, 2),
        change: {
          kind: 'epoch',
          epoch: { number: 1, v: 2, hash: '', answers: 1, freshSeq: 2, freshAt: 2 },
          sheets: [sheet, sheet],
        },
      }),
      store.findWraps(roomId(2), '0'.repeat(64), { from: 1, to: 1 }),
      store.append(entryAt(3, 2)),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'sequence' } });
    expect(outcomes[2]).toMatchObject({ reason: { code: 'store-fault' } });
    expect(outcomes[3]).toMatchObject({ value: [] });
    expect(await Promise.all([1, 2, 3].map(async (room) => (await store.load(roomId(room)))?.head))).toEqual([2, 1, 2]);
    expect(await store.load(roomId(2))).toMatchObject({ epoch: null });
    expect(other.pragma('data_version', { simple: true })).not.toBe(before);
    other.close();
    await store.close();
  });
});
