/** Reading a log in parts: what happens between two parts is neither lost nor mixed up with what was read. */
import { setImmediate } from 'node:timers/promises';
import type { LogItem } from '@chat/room';
import { emptyRoom, type RoomEvent, type RoomState } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { ClientError } from '../../src/index.ts';
import { LogReader, type ReadRoom } from '../../src/room/log-reader.ts';
import { FakeServer } from '../support/fake-server.ts';
import { IsolatedClient } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

class Room implements ReadRoom {
  readonly roomId = '0'.repeat(64);
  readonly roomName = 'lobby';
  readonly online = [];
  state: RoomState = emptyRoom(this.roomId, '1'.repeat(64), { since: 100 });
  readonly events: RoomEvent[] = [];

  readonly lookUp = () => null;

  take(state: RoomState, events: readonly RoomEvent[]): void {
    this.state = state;
    this.events.push(...events);
  }

  outcome: 'lacking' | 'awaiting-author' = 'lacking';
  waits = 0;
  readonly recovery = {
    recover: async () => this.outcome,
    differs: () => {},
    resume: () => {},
    resumeLater: () => {
      this.waits += 1;
    },
  };

  review(): void {}
}

const stubs = (count: number): LogItem[] =>
  Array.from({ length: count }, (_, index) => ({ seq: index + 1, hashes: new Uint8Array(32) }));

let clock: ManualClock;
let room: Room;
let isolated: IsolatedClient;
let reader: LogReader;

beforeEach(() => {
  clock = new ManualClock();
  room = new Room();
  isolated = new IsolatedClient('alice', clock, new FakeServer());
  reader = new LogReader(isolated.context, room);
});

/** Starts reading a log of 400 entries, and stops at the first pause. */
async function beginToRead(): Promise<void> {
  for (const item of stubs(400)) reader.receive(item);
  reader.reach(400, () => {});
  await setImmediate();
  expect(room.state.head.seq).toBe(0);
}

test('keeps an epoch that was proposed while the log was read', async () => {
  await beginToRead();
  const drafts = [{ hash: '2'.repeat(64), secret: 'AAAA' }];
  room.state = { ...room.state, drafts };
  await clock.advance(0);
  await clock.advance(0);
  expect(room.state.head.seq).toBe(400);
  expect(room.state.drafts).toEqual(drafts);
});

test('drops what was being read when the connection is lost, and does not report the room as caught up', async () => {
  await beginToRead();
  reader.disconnected();
  await clock.advance(0);
  await clock.advance(1_000);
  expect(room.state.head.seq).toBe(0);
  expect(reader.caughtUp).toBe(false);
});

test('reports a log that ends before the head', async () => {
  room.state = { ...room.state, head: { seq: 9, hash: '3'.repeat(64) } };
  reader.reach(8, () => {});
  await setImmediate();
  expect(room.events).toEqual([{ kind: 'violation', code: 'truncated', seq: 8, user: null }]);
});

test('reports a failed step, unless it failed with its connection', async () => {
  reader.enqueue(() => Promise.reject(new ClientError('unreachable', 'lost')));
  reader.enqueue(() => Promise.reject(new ClientError('timed-out', 'no answer')));
  await setImmediate();
  expect(isolated.events).toMatchObject([{ kind: 'trouble', code: 'timed-out' }]);
});

test('lets other work go on after some milliseconds, also when a clock is set back', async () => {
  for (const stepMs of [3, -3]) {
    let now = 1_000_000;
    const slow = { now: () => (now += stepMs), after: clock.after };
    const slowReader = new LogReader({ ...isolated.context, scheduler: slow }, room);
    room.state = emptyRoom(room.roomId, '1'.repeat(64), { since: 100 });
    for (const item of stubs(10)) slowReader.receive(item);
    slowReader.reach(10, () => {});
    await setImmediate();
    expect(room.state.head.seq).toBe(0);
    for (let turn = 0; turn < 10; turn++) await clock.advance(0);
    expect(room.state.head.seq).toBe(10);
  }
});

test('asks again for a log whose rest waits for its author, and reports no violation', async () => {
  await beginToRead();
  await clock.advance(0);
  await clock.advance(0);
  room.outcome = 'awaiting-author';
  reader.reach(300, () => expect.unreachable());
  await clock.advance(0);
  expect([room.events, reader.blocked, room.waits]).toEqual([[], true, 1]);
});
