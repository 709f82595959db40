/** The report that a room waits for its next key for long. */
import { emptyRoom } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { KeyWait } from '../../src/keys/key-wait.ts';
import { ManualClock } from '../support/manual-clock.ts';

const patienceMs = 120_000;
const empty = emptyRoom('0'.repeat(64), 'f'.repeat(64));
const underEpoch = (number: number) => ({
  ...empty,
  epoch: {
    number,
    hash: '1'.repeat(64),
    kind: 'fresh' as const,
    author: '2'.repeat(64),
    answers: 1,
    commitment: '',
    v: 2 as const,
    wraps: '',
    past: null,
  },
});

let clock: ManualClock;
let room: { roomName: string; state: typeof empty };
let reports: string[];
let wait: KeyWait;

beforeEach(() => {
  clock = new ManualClock();
  room = { roomName: 'lobby', state: underEpoch(1) };
  reports = [];
  const emit = (event: { kind: string; code?: string }) => reports.push(`${event.kind} ${event.code}`);
  wait = new KeyWait({ scheduler: clock, emit }, room);
});

const report = 'trouble key-not-changed';

test('a room without a new key for two minutes is reported once, however often it needs one', async () => {
  wait.begin();
  await clock.advance(patienceMs - 1);
  wait.begin();
  expect(reports).toEqual([]);
  await clock.advance(1);
  expect(reports).toEqual([report]);
  wait.begin();
  await clock.advance(2 * patienceMs);
  expect(reports).toEqual([report]);
});

test('a room that gets its key in time is not reported, and the next wait takes its full time', async () => {
  wait.begin();
  await clock.advance(patienceMs - 1);
  wait.end();
  await clock.advance(patienceMs);
  expect([reports, clock.waiting]).toEqual([[], 0]);
  wait.begin();
  await clock.advance(patienceMs - 1);
  expect(reports).toEqual([]);
  await clock.advance(1);
  expect(reports).toEqual([report]);
});

test('another key ends the wait for the one before, and may be reported in its turn', async () => {
  wait.begin();
  await clock.advance(patienceMs - 1);
  room.state = underEpoch(2);
  wait.begin();
  await clock.advance(patienceMs - 1);
  expect([reports, clock.waiting]).toEqual([[], 1]);
  await clock.advance(1);
  room.state = underEpoch(3);
  wait.begin();
  await clock.advance(patienceMs);
  expect(reports).toEqual([report, report]);
});

test('a room that never had a key is reported too', async () => {
  room.state = empty;
  wait.begin();
  await clock.advance(patienceMs);
  expect(reports).toEqual([report]);
});
