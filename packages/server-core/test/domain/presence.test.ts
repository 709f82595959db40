/** Presence in a room. */
import { expect, test } from 'vitest';
import { Presence } from '../../src/domain/presence.ts';

const into = (user: string) => ({ user, online: true });
const out = (user: string) => ({ user, online: false });

test('counts connections and keeps the order of arrival', () => {
  const presence = new Presence(10);
  expect(['alice', 'bob', 'alice'].map((user) => presence.arrive(user))).toEqual([[into('alice')], [into('bob')], []]);
  expect([presence.named, presence.count]).toEqual([['alice', 'bob'], 2]);
  expect([presence.depart('alice'), presence.named]).toEqual([[], ['alice', 'bob']]);
  expect([presence.depart('alice'), presence.named]).toEqual([[out('alice')], ['bob']]);
  expect([presence.depart('unknown'), presence.count]).toEqual([[], 1]);
});

test('names those who arrived first, and counts the others until one of the first departs', () => {
  const presence = new Presence(2);
  for (const user of ['alice', 'bob']) presence.arrive(user);
  expect(['carol', 'dave', 'erin', 'carol'].map((user) => presence.arrive(user))).toEqual([[], [], [], []]);
  expect([presence.named, presence.count]).toEqual([['alice', 'bob'], 5]);
  expect(presence.depart('dave')).toEqual([]);
  expect(presence.depart('alice')).toEqual([out('alice'), into('carol')]);
  expect([presence.named, presence.count]).toEqual([['bob', 'carol'], 3]);
  // Carol has two connections.
  expect([presence.depart('carol'), presence.depart('carol')]).toEqual([[], [out('carol'), into('erin')]]);
  expect(presence.arrive('alice')).toEqual([]);
  expect([presence.named, presence.count]).toEqual([['bob', 'erin'], 3]);
});
