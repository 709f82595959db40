/** The sums of days, and the counts of a store, which agree with what the store says when it is asked. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore } from '@chat/store-sqlite';
import { expect, test } from 'vitest';
import { dataDirectory } from '../../src/data/data-directory.ts';
import { silentLog } from '../../src/log.ts';
import { countedStore } from '../../src/status/counted-store.ts';
import { growthOf, readUsage, type UsageRecord, withDay } from '../../src/status/usage.ts';
import { UsageLog } from '../../src/status/usage-log.ts';
import { filledRoom, fillStore } from '../support/filled-store.ts';
import { temporaryDirectory } from '../support/server-process.ts';

const none = { messages: 0, bytes: 0 };
const day = (name: string, fileBytes: number): UsageRecord['days'][number] => ({ day: name, added: none, fileBytes });

test('the growth is that of the last week, and unknown on the first day', () => {
  expect(growthOf([])).toBeNull();
  expect(growthOf([day('2030-01-01', 100)])).toBeNull();
  expect(growthOf([day('2030-01-01', 100), day('2030-01-03', 300)])).toBe(100);
  // What was before the week does not count.
  expect(growthOf([day('2029-12-01', 0), day('2030-01-01', 100), day('2030-01-05', 500)])).toBe(100);
});

test('a day replaces itself and those that a clock before it had, and a month is kept', () => {
  const days = [day('2030-01-01', 1), day('2030-01-02', 2), day('2030-01-04', 4)];
  expect(withDay(days, day('2030-01-02', 9))).toEqual([day('2030-01-01', 1), day('2030-01-02', 9)]);
  const month = Array.from({ length: 40 }, (_, index) => day(`2030-02-${String(index % 28).padStart(2, '0')}`, 1));
  expect(withDay(month, day('2030-03-01', 1))).toHaveLength(31);
});

test('the counts follow appends, deletions and a new start, and the sum of the day goes on', async () => {
  const directory = dataDirectory(join(temporaryDirectory(), 'data'), {});
  await mkdir(directory.path);
  let now = Date.parse('2030-06-01T12:00:00Z');
  const open = async () => {
    const usage = new UsageLog({ directory, clock: () => now, log: silentLog });
    const counted = await countedStore(await openSqliteStore(directory.store), (amount) => usage.add(amount));
    await usage.start(counted.counts);
    return { usage, ...counted };
  };
  let { usage, store, counts } = await open();
  await fillStore(directory.path, 0);
  expect(counts()).toMatchObject({ rooms: 0, messages: 0 });
  await usage.stop();
  await store.close();

  ({ usage, store, counts } = await open());
  expect(counts()).toMatchObject({ rooms: 1, messages: 0, bytes: 0, waiting: 0 });
  const append = (seq: number) =>
    store.append({
      ...{ room: filledRoom, seq, at: seq, hash: String(seq).repeat(64), logHash: 'c'.repeat(64), author: 'alice' },
      ...{ cid: String(seq).repeat(32), change: null },
      entry: { type: 'message', payload: new Uint8Array(100), by: 'b'.repeat(64), signature: new Uint8Array(9) },
    });
  const appended = append(2);
  expect(counts()).toMatchObject({ messages: 0, waiting: 1 });
  await appended;
  await append(3);
  // One that is refused counts nothing.
  await append(9).catch(() => undefined);
  expect(counts()).toMatchObject({ rooms: 1, messages: 2, bytes: 200, waiting: 0 });
  expect(await store.messagesOf(filledRoom)).toMatchObject({ messages: 2, bytes: 200 });
  await usage.stop();

  now += 60 * 60_000;
  const next = new UsageLog({ directory, clock: () => now, log: silentLog });
  await next.start(counts);
  next.add({ messages: 1, bytes: 50 });
  expect(next.days).toMatchObject([{ day: '2030-06-01', added: { messages: 3, bytes: 250 } }]);
  now += 12 * 60 * 60_000;
  next.add({ messages: 1, bytes: 1 });
  await next.stop();
  expect((await readUsage(directory))?.days).toMatchObject([
    { day: '2030-06-01', added: { messages: 3, bytes: 250 } },
    { day: '2030-06-02', added: { messages: 1, bytes: 1 } },
  ]);

  const bounds = { ageMs: null, messages: 1, bytes: null };
  const { messages } = await store.expire(filledRoom, { defaults: bounds, now, latest: 1, limit: 9 });
  expect(messages).toBe(1);
  expect(counts()).toMatchObject({ messages: 1, bytes: 100 });
  expect(await store.deleteRoom(filledRoom)).toBe(true);
  expect(await store.deleteRoom(filledRoom)).toBe(false);
  expect(counts()).toMatchObject({ rooms: 0, messages: 0, bytes: 0 });
  await store.close();
  await writeFile(join(directory.path, 'usage.json'), 'damaged');
  expect(await readUsage(directory)).toBeNull();
});
