/** Who is online is the server's word, so its size is bounded. */
import { limits } from '@chat/protocol';
import { expect, test } from 'vitest';
import { Presence } from '../../src/room/presence.ts';

const users = Array.from({ length: limits.roomMembers + 10 }, (_, index) => `user-${index}`);

test('keeps no more users than a room can have, also while the answer is awaited', () => {
  const changes: string[] = [];
  const presence = new Presence((user) => void changes.push(user));
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
