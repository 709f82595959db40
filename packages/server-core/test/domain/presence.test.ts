/** Presence in a room. */
import { expect, test } from 'vitest';
import { Presence } from '../../src/domain/presence.ts';

test('counts connections and keeps the order of arrival', () => {
  const presence = new Presence();
  expect(['alice', 'bob', 'alice'].map((user) => presence.arrive(user))).toEqual([true, true, false]);
  expect(presence.online).toEqual(['alice', 'bob']);
  expect([presence.depart('alice'), presence.online]).toEqual([false, ['alice', 'bob']]);
  expect([presence.depart('alice'), presence.online]).toEqual([true, ['bob']]);
  expect(presence.depart('unknown')).toBe(false);
});
