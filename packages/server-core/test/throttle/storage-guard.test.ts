/** Bytes of messages in a day, and the reserve on the disk. */
import { codeOf, type SignedEntry } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../src/contract/index.ts';
import { StorageGuard } from '../../src/throttle/storage-guard.ts';
import { rowBytes } from '../../src/throttle/stored-bytes.ts';
import { TestLog } from '../support/test-server.ts';

const limits = {
  storageReserveBytes: 1_000,
  messageBytesPerUserAndDay: 10_000,
  messageBytesPerRoomAndDay: 20_000,
  messageBytesPerDay: 30_000,
  messageBytesPerRoom: 0,
  messageBytes: 0,
};
const entry = (type: SignedEntry['type']): SignedEntry => ({
  type,
  payload: new Uint8Array(4_300),
  by: 'b'.repeat(64),
  signature: new Uint8Array(3),
});
const message = entry('message');

let now = 0;
let free = 5_000;
let measured = 0;
let log = new TestLog();
let guard: StorageGuard;
const freeBytes = async () => {
  measured += 1;
  return free;
};

beforeEach(() => {
  [now, free, measured, log] = [1_000_000, 5_000, 0, new TestLog()];
  guard = new StorageGuard({ limits, clock: () => now, log, freeBytes, store: createMemoryStore() });
});

describe('a day', () => {
  function outcome(user: string, room: string): string | null {
    try {
      guard.permit(message, user, room);
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  test('has room for so many bytes of a user, of a room and of all', () => {
    // Each message counts 5,000 bytes.
    expect([1, 2].map(() => outcome('alice', 'den'))).toEqual([null, null]);
    expect(outcome('alice', 'attic')).toBe('limit-reached');
    expect([1, 2].map(() => outcome('bob', 'den'))).toEqual([null, null]);
    expect(outcome('carol', 'den')).toBe('limit-reached');
    expect([1, 2].map(() => outcome('carol', 'attic'))).toEqual([null, null]);
    expect(outcome('dave', 'cellar')).toBe('limit-reached');
    // A refused message counts nowhere.
    now += 12 * 60 * 60_000;
    expect([1, 2].map(() => outcome('dave', 'cellar'))).toEqual([null, null]);
  });

  test('bounds no entry but messages', () => {
    for (let count = 0; count < 20; count++) guard.permit(entry('leave'), 'alice', 'den');
    expect(outcome('alice', 'den')).toBeNull();
  });
});

describe('the reserve', () => {
  test('is for everything but messages and new rooms, and is reported once on each side', async () => {
    await guard.ready('den');
    guard.permit(message, 'alice', 'den');
    free = 999;
    now += 1_000;
    for (let round = 0; round < 3; round++) {
      await guard.ready('den');
      expect(thrownCode(() => guard.permit(message, 'alice', 'den'))).toBe('storage-full');
      expect(thrownCode(() => guard.permitRoom())).toBe('storage-full');
      guard.permit(entry('remove'), 'alice', 'den');
    }
    free = 1_000;
    await guard.ready('den');
    guard.permit(message, 'alice', 'den');
    guard.permitRoom();
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { free: 999, reserve: 1_000 } },
      { level: 'info', fields: { free: 1_000, reserve: 1_000 } },
    ]);
  });

  test('is measured again after a second, and for each message while the disk is full', async () => {
    await guard.ready('den');
    await guard.ready('den');
    expect(measured).toBe(1);
    now += 1_000;
    await Promise.all([guard.ready('den'), guard.ready('den')]);
    expect(measured).toBe(2);
    free = 0;
    now += 1_000;
    await guard.ready('den');
    await guard.ready('den');
    expect(measured).toBe(4);
  });

  test('is measured again after four mebibytes of messages, however little time has passed', async () => {
    const spacious = {
      ...limits,
      messageBytesPerUserAndDay: 1e9,
      messageBytesPerRoomAndDay: 1e9,
      messageBytesPerDay: 1e9,
    };
    guard = new StorageGuard({ limits: spacious, clock: () => now, log, freeBytes, store: createMemoryStore() });
    await guard.ready('den');
    const add = (bytes: number) =>
      guard.permit({ ...message, payload: new Uint8Array(bytes - rowBytes) }, 'alice', 'den');
    add(4 * 1024 * 1024 - 1_000);
    free = 0;
    await guard.ready('den');
    expect(measured).toBe(1);
    add(1_000);
    await guard.ready('den');
    expect([measured, guard.isFull]).toEqual([2, true]);
  });

  test('stays as it was when the disk cannot be measured', async () => {
    const failing = new StorageGuard({
      limits,
      clock: () => now,
      log,
      store: createMemoryStore(),
      freeBytes: () => Promise.reject(new Error('EIO')),
    });
    await failing.ready('den');
    failing.permit(message, 'alice', 'den');
    expect(log.lines).toMatchObject([{ level: 'debug', fields: { error: new Error('EIO') } }]);
  });
});

test('measures the disk again after the clock was set back', async () => {
  await guard.ready('den');
  await guard.ready('den');
  expect(measured).toBe(1);
  now -= 60 * 60_000;
  free = 500;
  await guard.ready('den');
  expect([measured, guard.isFull]).toEqual([2, true]);
});
