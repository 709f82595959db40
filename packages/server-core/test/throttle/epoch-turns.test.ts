/** The memory of who made a needless epoch is bounded: the oldest room gives way, and no other one. */
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { EpochTurns } from '../../src/throttle/epoch-turns.ts';

test('remembers 10,000 rooms, and forgets the one whose epoch is the oldest', () => {
  const turns = new EpochTurns();
  const rooms = Array.from({ length: 10_001 }, (_, index) => `room ${index}`);
  for (const room of rooms.slice(0, 10_000)) turns.made(room, 'mallory');
  const next = (room = '') => thrownCode(() => turns.require(room, { user: 'mallory', hasOthers: true, now: 0 }));
  expect(next(rooms[0])).toBe('limit-reached');
  turns.made(rooms[10_000] ?? '', 'mallory');
  expect(() => next(rooms[0])).toThrow();
  expect([next(rooms[1]), next(rooms[10_000])]).toEqual(['limit-reached', 'limit-reached']);
});
