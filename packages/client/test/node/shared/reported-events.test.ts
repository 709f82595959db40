/** What a program reports once, whichever program has the profile, and what it knows to have missed. */
import type { ClientEvent } from '@chat/client';
import { expect, test } from 'vitest';
import { ReportedEvents } from '../../../src/node/shared/reported-events.ts';
import { messageAt, roomAt } from '../../support/fake-holder.ts';

const caughtUp = { kind: 'caught-up', roomId: 'id of lobby', roomName: 'lobby' } as ClientEvent;
const at = (seq: number) => messageAt('lobby', seq);

test('what the next holder reads again is not reported again, and what follows is', () => {
  const reported = new ReportedEvents();
  for (const seq of [1, 2, 3]) expect(reported.isNew(at(seq))).toBe(true);
  // The killed program had not stored all that it had reported.
  expect(reported.isCutBy({ 'id of lobby': 1 })).toBe(false);
  expect([at(2), at(3), at(4)].map((event) => reported.isNew(event))).toEqual([false, false, true]);
  expect(reported.isNew(messageAt('kitchen', 1))).toBe(true);
  expect(reported.isNew({ kind: 'connection', status: 'online' } as ClientEvent)).toBe(true);
});

test('one position has several events, and a history may be read later than what follows it', () => {
  const reported = new ReportedEvents();
  for (const seq of [5, 5, 2, 6]) expect(reported.isNew(at(seq))).toBe(true);
  expect(reported.isCutBy({})).toBe(false);
  expect(reported.isNew(at(5))).toBe(false);
  expect(reported.isNew(caughtUp)).toBe(true);
  expect(reported.isNew(at(3))).toBe(true);
});

test('what was there when the program came is not reported by a later holder', () => {
  const reported = new ReportedEvents();
  reported.cameTo([roomAt('lobby', 7), { ...roomAt('kitchen', 0), latest: null }]);
  expect(reported.isCutBy({ 'id of lobby': 5, 'id of kitchen': 0 })).toBe(false);
  expect([at(6), at(7), at(8)].map((event) => reported.isNew(event))).toEqual([false, false, true]);
});

test('a holder that begins after the latest message that was reported cuts the events', () => {
  const reported = new ReportedEvents();
  reported.cameTo([roomAt('lobby', 7)]);
  reported.isNew(at(8));
  expect(reported.isCutBy({ 'id of lobby': 8 })).toBe(false);
  expect(reported.isCutBy({ 'id of lobby': 9 })).toBe(true);
  // A room that this program has not seen was joined meanwhile.
  expect(reported.isCutBy({ 'id of kitchen': 30 })).toBe(false);
});
