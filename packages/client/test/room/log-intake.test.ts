/** Collecting the entries of a log into batches. */
import { expect, test } from 'vitest';
import { LogIntake } from '../../src/room/log-intake.ts';
import { ManualClock } from '../support/manual-clock.ts';

function intake() {
  const clock = new ManualClock();
  const read: number[][] = [];
  const log = new LogIntake(clock, (items) => void read.push(items.map(({ seq }) => seq)));
  let seq = 0;
  const add = (count: number) => {
    for (let index = 0; index < count; index++) log.add({ seq: ++seq, hashes: new Uint8Array(32) });
  };
  return { clock, log, read, add };
}

test('reads the entries of a backlog together at its end', () => {
  const { clock, log, read, add } = intake();
  add(300);
  expect(read).toEqual([]);
  log.caughtUp();
  expect(read.map(({ length }) => length)).toEqual([300]);
  expect(clock.waiting).toBe(0);
});

test('holds back at most a full batch', () => {
  const { log, read, add } = intake();
  add(10_000);
  // 4 MiB of stubs, each of which counts as 1 KiB and its hash.
  expect(read.map(({ length }) => length)).toEqual([3_972, 3_972]);
  log.caughtUp();
  expect(read.flat()).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
});

test('reads each live entry at once', () => {
  const { clock, log, read, add } = intake();
  log.caughtUp();
  add(3);
  expect(read).toEqual([[1], [2], [3]]);
  expect(clock.waiting).toBe(0);
});

test('reads entries after a second from a server that never ends the backlog', async () => {
  const { clock, read, add } = intake();
  add(2);
  await clock.advance(999);
  expect(read).toEqual([]);
  await clock.advance(1);
  expect(read).toEqual([[1, 2]]);
});

test('drops what was collected on a lost connection, and collects anew on the next one', async () => {
  const { clock, log, read, add } = intake();
  log.caughtUp();
  log.reset();
  add(2);
  log.reset();
  await clock.advance(1_000);
  expect(read).toEqual([]);
  add(1);
  log.caughtUp();
  expect(read).toEqual([[3]]);
});
