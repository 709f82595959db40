/** The main thread's side: what is sent together, the order of answers, and that no call is forgotten. */
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Store } from '@chat/server-core';
import Sqlite, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt, roomId } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

let path: string;
let store: Store;
let other: Database;
let postMessage: MockInstance<Worker['postMessage']>;

beforeEach(async () => {
  path = temporaryFile();
  store = await openSqliteStore(path, { busyTimeoutMs: 120_000 });
  await store.append(entryAt(1, 1));
  await store.append(entryAt(2, 1));
  other = new Sqlite(path);
  postMessage = vi.spyOn(Worker.prototype, 'postMessage');
});
afterEach(async () => {
  postMessage.mockRestore();
  other.close();
  await store.close();
});

/** Keeps the store's thread busy until the function that it returns is called. */
function occupy(): () => void {
  other.exec('BEGIN IMMEDIATE');
  return () => other.exec('COMMIT');
}

/** Lets the event loop turn, so that what may be sent is sent. */
async function turns(): Promise<void> {
  for (let count = 0; count < 3; count++) await turn();
}

/** Appends one entry that is sent to the busy thread, and two that are gathered meanwhile. `free` ends what keeps it busy. */
async function sentAndGathered() {
  const free = occupy();
  const calls = [store.append(entryAt(1, 2))];
  await turns();
  calls.push(store.append(entryAt(1, 3)));
  await turns();
  calls.push(store.append(entryAt(1, 4)));
  return { free, calls };
}

describe('while the store is busy', () => {
  test('requests of many turns are gathered, and sent as one message', async () => {
    const free = occupy();
    const calls: Promise<unknown>[] = [store.append(entryAt(1, 2))];
    await turns();
    expect(postMessage).toHaveBeenCalledTimes(1);
    for (let seq = 3; seq < 40; seq++) {
      calls.push(store.append(entryAt(1, seq)), store.findAppended('alice', entryAt(1, seq).cid));
      await turns();
    }
    expect(postMessage).toHaveBeenCalledTimes(1);
    free();
    const values = await Promise.all(calls);
    expect(postMessage).toHaveBeenCalledTimes(2);
    expect(values.at(-1)).toMatchObject({ seq: 39 });
    expect(await store.load(roomId(1))).toMatchObject({ head: 39 });
  });

  test('calls settle in their order, each with its own answer', async () => {
    const settled: string[] = [];
    const note = (name: string, call: Promise<unknown>): Promise<void> =>
      call.then(
        (value) => void settled.push(`${name}: ${value === undefined ? 'done' : JSON.stringify(value)}`),
        (error) => void settled.push(`${name}: ${error.code}`),
      );
    const free = occupy();
    const calls = [note('first', store.append(entryAt(1, 2)))];
    await turns();
    calls.push(
      note('message', store.append(entryAt(1, 3))),
      note('gap', store.append(entryAt(1, 9))),
      note('look-up', store.findRoom('no-room', 'alice')),
      note('other room', store.append(entryAt(2, 2))),
      note('repeat', store.append({ ...entryAt(2, 3), cid: entryAt(1, 3).cid })),
      note('deletion', store.wasDeleted(roomId(2))),
      note('knock', store.dismissKnock(roomId(1), 'bob', { now: 1, ageMs: 1, dismissalMs: 1, perRoom: 1, perUser: 1 })),
      note('after the repeat', store.append(entryAt(2, 3))),
    );
    await turns();
    calls.push(note('last', store.append(entryAt(1, 4))));
    free();
    await Promise.all(calls);
    expect(settled).toEqual([
      'first: done',
      'message: done',
      'gap: sequence',
      'look-up: null',
      'other room: done',
      'repeat: duplicate',
      'deletion: false',
      'knock: false',
      'after the repeat: done',
      'last: done',
    ]);
  });

  test('closing answers what was sent and what was gathered', async () => {
    const { free, calls } = await sentAndGathered();
    const closed = store.close();
    free();
    await Promise.all(calls);
    await closed;
    store = await openSqliteStore(path);
    expect(await store.load(roomId(1))).toMatchObject({ head: 4 });
  });

  test('the end of the thread fails what was sent and what was gathered', async () => {
    const { free, calls } = await sentAndGathered();
    const outcomes = Promise.allSettled(calls);
    const ended = (postMessage.mock.contexts[0] as Worker).terminate();
    free();
    await ended;
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    }
  });

  test('a failure of the disk fails each request of its commit, and no other', async () => {
    await store.close();
    store = await openSqliteStore(path, { busyTimeoutMs: 0 });
    const free = occupy();
    const calls = [store.append(entryAt(1, 2)), store.append(entryAt(2, 2))];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    }
    free();
    await Promise.all([store.append(entryAt(1, 2)), store.append(entryAt(2, 2))]);
  });
});

test('many more requests than one commit takes are answered in order', async () => {
  const settled: number[] = [];
  const seqs = Array.from({ length: 2_000 }, (_, index) => index + 2);
  await Promise.all(seqs.map((seq) => store.append(entryAt(1, seq)).then(() => void settled.push(seq))));
  expect(settled).toEqual(seqs);
});

test('damaged rows are reported before the call that met them fails', async () => {
  const events: string[] = [];
  store.watchDamage(({ table }) => void events.push(table));
  other.exec("UPDATE rooms SET membership_seq = 77 WHERE name = 'room-1'");
  const calls = [store.append(entryAt(2, 2)), store.append(entryAt(1, 2)), store.append(entryAt(2, 3))].map(
    (call, index) =>
      call.then(
        () => void events.push(`${index} done`),
        (error) => void events.push(`${index} ${error.name}`),
      ),
  );
  await Promise.all(calls);
  expect([...new Set(events)]).toEqual(['rooms', '0 done', '1 StoreDamage', '2 done']);
});
