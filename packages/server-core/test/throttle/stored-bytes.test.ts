/** The bytes of messages that the store has, against the operator's bounds. */
import { thrownCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import type { MessageUsage } from '../../src/ports/retention-store.ts';
import { rowBytes, StoredBytes } from '../../src/throttle/stored-bytes.ts';

const den = 'a'.repeat(64);
const none = { ageMs: null, messages: null, bytes: null };

let held: (() => void)[];
let isHeld: boolean;
let usage: { messages: number; bytes: number };
let reads: number;
let stored: StoredBytes;

/** Returns the usage of the time of the call, once the test releases it. */
async function answer(): Promise<MessageUsage> {
  reads += 1;
  const now = { room: den, name: 'den', ...usage, retention: none } as MessageUsage;
  if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
  return now;
}

const start = (limits: { messageBytesPerRoom: number; messageBytes: number }) => {
  stored = new StoredBytes({ messageUsage: async () => [await answer()], messagesOf: answer }, limits);
};

beforeEach(() => {
  [held, isHeld, usage, reads] = [[], false, { messages: 1, bytes: 1_000 - rowBytes }, 0];
});

const bounds = [
  ['room-storage-full', { messageBytesPerRoom: 2_000, messageBytes: 0 }],
  ['storage-full', { messageBytesPerRoom: 0, messageBytes: 2_000 }],
] as const;

test.each(bounds)('asks the store once, counts what is added, and refuses with %s', async (code, limits) => {
  start(limits);
  await Promise.all([stored.ready(den), stored.ready(den)]);
  expect(thrownCode(() => stored.require(den, 1_001))).toBe(code);
  stored.require(den, 1_000);
  stored.add(den, 1_000);
  await stored.ready(den);
  expect(thrownCode(() => stored.require(den, 1))).toBe(code);
  expect(reads).toBe(1);
});

test.each(bounds)('lets no message pass a bound while the store is asked again (%s)', async (code, limits) => {
  start(limits);
  await stored.ready(den);
  stored.add(den, 1_000);
  stored.forget(den);
  expect(thrownCode(() => stored.require(den, 1))).toBe(code);
  usage = { messages: 0, bytes: 0 };
  await stored.ready(den);
  stored.require(den, 2_000);
  expect(reads).toBe(2);
});

test.each(bounds)(
  'counts what is added while the store answers, and asks again for what was deleted (%s)',
  async (code, limits) => {
    start(limits);
    await stored.ready(den);
    stored.forget(den);
    isHeld = true;
    const asked = stored.ready(den);
    stored.add(den, 1_000);
    usage = { messages: 0, bytes: 0 };
    stored.forget(den);
    held.shift()?.();
    await asked;
    expect(thrownCode(() => stored.require(den, 1))).toBe(code);
    isHeld = false;
    await stored.ready(den);
    stored.require(den, 2_000);
  },
);

test.each(bounds)('asks the store again after it has failed (%s)', async (code, limits) => {
  let fails = true;
  const read = async () => {
    if (fails) throw new Error('the disk failed');
    return answer();
  };
  stored = new StoredBytes({ messageUsage: async () => [await read()], messagesOf: read }, limits);
  await expect(stored.ready(den)).rejects.toThrow('the disk failed');
  fails = false;
  await stored.ready(den);
  expect(thrownCode(() => stored.require(den, 2_001 - rowBytes - 300))).toBe(code);
});
