/** The blobs of a server: its bounds, whose they are, and when they are deleted. */
import { sha256Hex } from '@chat/protocol';
import { createMemoryStore, MemoryDisk } from '@chat/server-core/contract';
import { rejectedCode } from '@chat/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { Blobs } from '../../src/domain/blobs/blobs.ts';
import { defaultLimits } from '../../src/index.ts';

const room = 'ab'.repeat(32);
const [alice, bob] = [
  { user: 'alice', room },
  { user: 'bob', room },
];
const idOf = (number: number): string => String(number).padStart(32, '0');
const bytes = new Uint8Array(100).fill(7);
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let disk: MemoryDisk;
let now: number;
const blobsWith = (limits: Partial<typeof defaultLimits> | object = {}, free = 1e12) =>
  new Blobs({
    store: createMemoryStore(disk).blobs,
    limits: { ...defaultLimits, ...limits },
    clock: () => now,
    log,
    freeBytes: async () => free,
  });

async function put(blobs: Blobs, number: number, asker = alice): Promise<void> {
  const blob = idOf(number);
  await blobs.create(asker, { blob, bytes: 100 });
  await blobs.append(asker, { blob, offset: 0, bytes });
  await blobs.finish(asker, { blob, hash: sha256Hex(bytes) });
}

beforeEach(() => {
  disk = new MemoryDisk();
  now = 1_000;
});

describe('a bound', () => {
  test.each([
    ['of a user', { blobBytesPerUser: 250 }, 'user-storage-full'],
    ['of the number of a user', { blobsPerUser: 2 }, 'user-storage-full'],
    ['of a room', { blobBytesPerRoom: 299 }, 'room-storage-full'],
    ['of all', { blobBytes: 200 }, 'storage-full'],
  ])('%s holds for what was declared, and ends when some is deleted', async (_, limits, code) => {
    const blobs = blobsWith(limits);
    const declared = [1, 2].map((number) => blobs.create(alice, { blob: idOf(number), bytes: 100 }));
    const third = rejectedCode(blobs.create(alice, { blob: idOf(3), bytes: 100 }));
    await Promise.all(declared);
    expect(await third).toBe(code);
    // What is declared already stays so.
    expect(await blobs.create(alice, { blob: idOf(2), bytes: 100 })).toEqual({ received: 0, finished: false });
    await blobs.delete(alice, { blob: idOf(1) }, false);
    expect(await blobs.create(alice, { blob: idOf(3), bytes: 100 })).toEqual({ received: 0, finished: false });
  });

  test('of the disk leaves the reserve free', async () => {
    const { storageReserveBytes } = defaultLimits;
    const full = blobsWith({}, storageReserveBytes + 99);
    expect(await rejectedCode(full.create(alice, { blob: idOf(1), bytes: 100 }))).toBe('storage-full');
    await blobsWith({}, storageReserveBytes + 100).create(alice, { blob: idOf(1), bytes: 100 });
  });
});

test('a blob of a room is written by its creator, read by members, and deleted by its creator or a moderator', async () => {
  const blobs = blobsWith();
  const blob = idOf(1);
  await blobs.create(alice, { blob, bytes: 100 });
  expect(await rejectedCode(blobs.read(bob, { blob, offset: 0, limit: 10 }))).toBe('blob-incomplete');
  expect(await rejectedCode(blobs.append(bob, { blob, offset: 0, bytes }))).toBe('not-allowed');
  expect(await rejectedCode(blobs.create(bob, { blob, bytes: 100 }))).toBe('blob-mismatch');
  expect(await rejectedCode(blobs.finish(alice, { blob, hash: sha256Hex(bytes) }))).toBe('blob-incomplete');
  await put(blobs, 1);
  expect(await rejectedCode(blobs.finish(alice, { blob, hash: sha256Hex(new Uint8Array(1)) }))).toBe('blob-mismatch');
  expect([...(await blobs.read(bob, { blob, offset: 90, limit: 20 })).bytes]).toEqual([...bytes.slice(90)]);
  expect(await rejectedCode(blobs.delete(bob, { blob }, false))).toBe('not-allowed');
  await blobs.delete(bob, { blob }, true);
  expect(await rejectedCode(blobs.read(alice, { blob, offset: 0, limit: 1 }))).toBe('unknown-blob');
  expect(await blobs.delete(alice, { blob }, false)).toEqual({});
});

test('a blob of a user alone is of no other user and in no room', async () => {
  const blobs = blobsWith();
  const own = { user: 'alice', room: null };
  await put(blobs, 1, own as never);
  const wanted = { blob: idOf(1), offset: 0, limit: 1 };
  for (const asker of [{ user: 'bob', room: null }, alice, bob]) {
    expect(await rejectedCode(blobs.read(asker, wanted))).toBe('unknown-blob');
    await blobs.delete(asker, { blob: idOf(1) }, true);
  }
  expect([...(await blobs.read(own, wanted)).bytes]).toEqual([7]);
  expect(await blobs.list('alice', {})).toMatchObject({ blobs: [{ blob: idOf(1), bytes: 100 }], more: false });
  expect(await blobs.list('bob', {})).toEqual({ blobs: [], more: false });
});

test('a blob that is not finished in time is forgotten', async () => {
  const blobs = blobsWith({ unfinishedBlobMs: 500 });
  await blobs.create(alice, { blob: idOf(1), bytes: 100 });
  await put(blobs, 2);
  now = 1_501;
  await blobs.sweep();
  expect([...disk.blobs.keys()]).toEqual([idOf(2)]);
  expect(disk.deletedBlobs).toBe(0);
});
