/** Who is online is the server's word, so its size is bounded, and the own user is online whatever the server says. */
import { limits } from '@chat/protocol';
import { expect, test } from 'vitest';
import { Presence } from '../../src/room/presence.ts';

const users = Array.from({ length: limits.roomMembers + 10 }, (_, index) => `user-${index}`);

test('keeps no more users than a room can have, also while the answer is awaited', () => {
  const changes: string[] = [];
  const presence = new Presence('me', (user) => void changes.push(user));
  for (const user of users) presence.change(user, true);
  expect(presence.online).toHaveLength(limits.roomMembers);
  presence.change('user-0', false);
  presence.change('late', true);
  expect(presence.online.at(-1)).toBe('late');

  const { length } = changes;
  presence.asked();
  for (let round = 0; round < 10; round += 1) for (const user of users) presence.change(user, false);
  presence.answered([]);
  expect(changes.length - length).toBe(2 * limits.roomMembers);
});

function alice() {
  const changes: string[] = [];
  const presence = new Presence('alice', (user, online) => changes.push(`${user} ${online ? 'in' : 'out'}`));
  return { presence, changes };
}

test('counts the own user while connected, whatever the server says', () => {
  const { presence, changes } = alice();
  expect(presence.online).toEqual([]);
  presence.asked();
  expect(presence.online).toEqual(['alice']);
  presence.answered(['bob']);
  presence.change('alice', false);
  presence.change('carol', true);
  expect(presence.online).toEqual(['bob', 'carol', 'alice']);
  expect(changes).toEqual(['carol in']);
  presence.disconnected();
  expect(presence.online).toEqual([]);
});

test('leaves the own user in the place that the server reports', () => {
  const { presence } = alice();
  presence.asked();
  presence.answered(['alice', 'bob']);
  expect(presence.online).toEqual(['alice', 'bob']);
});
