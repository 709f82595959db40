/** A server that does not send a room's log up to its end is reported, whatever else it does. */
import { beforeEach, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { CatchUpWatch } from '../../src/room/catch-up-watch.ts';
import { ManualClock } from '../support/manual-clock.ts';

const minute = 60_000;

let clock: ManualClock;
let events: ClientEvent[];
let watch: CatchUpWatch;
const kinds = () => events.map(({ kind }) => kind);

beforeEach(() => {
  clock = new ManualClock();
  events = [];
  const place = { roomId: 'a'.repeat(64), roomName: 'lobby' };
  watch = new CatchUpWatch({ scheduler: clock, emit: (event) => void events.push(event) }, place);
});

const receive = (count: number) => {
  for (let index = 0; index < count; index++) watch.received();
};

test('reports after a minute without the end of the log, once, and when it is over', async () => {
  watch.begin();
  await clock.advance(minute - 1);
  expect(kinds()).toEqual([]);
  await clock.advance(1);
  expect(events).toEqual([{ kind: 'stalled', roomId: 'a'.repeat(64), roomName: 'lobby', forMs: minute }]);
  await clock.advance(60 * minute);
  watch.end();
  expect(kinds()).toEqual(['stalled', 'stall-over']);
  watch.end();
  expect([kinds().length, clock.waiting]).toEqual([2, 0]);
});

test('reports nothing while a long backlog arrives, and the end of it that does not', async () => {
  watch.begin();
  for (let minutes = 0; minutes < 5; minutes++) {
    receive(10);
    await clock.advance(minute);
  }
  expect(kinds()).toEqual([]);
  await clock.advance(minute);
  expect(kinds()).toEqual(['stalled']);
});

test('reports a server that sends an entry now and then', async () => {
  watch.begin();
  receive(9);
  await clock.advance(minute);
  expect(kinds()).toEqual(['stalled']);
});

test('counts over connections, however short they are, and not between them', async () => {
  for (let connections = 0; connections < 9; connections++) {
    watch.begin();
    watch.begin();
    watch.pause();
    watch.pause();
    await clock.advance(60 * minute);
  }
  expect([kinds(), clock.waiting]).toEqual([[], 0]);
  watch.begin();
  watch.pause();
  expect(kinds()).toEqual(['stalled']);
});

test('begins anew after the end of a log', async () => {
  watch.begin();
  await clock.advance(minute - 1);
  watch.end();
  watch.begin();
  await clock.advance(minute - 1);
  expect(kinds()).toEqual([]);
});
