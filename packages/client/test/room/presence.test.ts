/** Who is online is the server's word, so its size is bounded, and the own user is online whatever the server says. */
import { limits } from '@chat/protocol';
import { expect, test } from 'vitest';
import { Presence } from '../../src/room/presence.ts';

const users = Array.from({ length: limits.presenceNames + 10 }, (_, index) => `user-${index}`);
/** Changes of one kind, with the number of connected members after them. */
const change = (online: boolean, names: readonly string[], connected = names.length) => ({
  changes: names.map((user) => ({ user, online })),
  connected,
});

test('keeps no more users than a server names, also while the answer is awaited', () => {
  const changes: string[] = [];
  const presence = new Presence('me', (user) => void changes.push(user));
  presence.change(change(true, users));
  expect(presence.online).toHaveLength(limits.presenceNames);
  presence.change(change(false, ['user-0']));
  presence.change(change(true, ['late']));
  expect(presence.online.at(-1)).toBe('late');
  presence.change(change(true, ['user-1']));
  expect(presence.online.at(-1)).toBe('user-1');

  const { length } = changes;
  presence.asked();
  for (let round = 0; round < 10; round += 1) presence.change(change(false, users.slice(0, limits.presenceNames)));
  presence.answered({ online: [], connected: 0 });
  expect(changes.length - length).toBe(2 * limits.presenceChanges);
});

function alice() {
  const changes: string[] = [];
  const presence = new Presence('alice', (user, online) => changes.push(`${user} ${online ? 'in' : 'out'}`));
  return { presence, changes };
}

test('counts the own user while connected, whatever the server says', () => {
  const { presence, changes } = alice();
  expect([presence.online, presence.connected]).toEqual([[], 0]);
  presence.asked();
  expect([presence.online, presence.connected]).toEqual([['alice'], 1]);
  presence.answered({ online: ['bob'], connected: 0 });
  presence.change(change(false, ['alice'], 1));
  presence.change(change(true, ['carol'], 2));
  expect([presence.online, presence.connected]).toEqual([['bob', 'carol', 'alice'], 3]);
  expect(changes).toEqual(['carol in']);
  presence.disconnected();
  expect([presence.online, presence.connected]).toEqual([[], 0]);
});

test('leaves the own user in the place that the server reports', () => {
  const { presence, changes } = alice();
  presence.asked();
  presence.answered({ online: ['alice', 'bob'], connected: 2 });
  // The server's push of what it has gathered may follow an answer that has all of it.
  presence.change(change(true, ['alice', 'bob'], 2));
  expect([presence.online, changes]).toEqual([['alice', 'bob'], ['bob in']]);
});

test('reports changes that come together when all of them are applied', () => {
  const orders: string[] = [];
  const presence: Presence = new Presence('dave', () => void orders.push(presence.online.join(' ')));
  presence.asked();
  presence.answered({ online: ['bob', 'dave', 'carol'], connected: 3 });
  presence.change(change(true, ['bob', 'dave', 'carol'], 3));
  expect(orders).toEqual(['bob dave carol', 'bob dave carol']);
});

test('counts more members than the server names, until it says otherwise', () => {
  const { presence } = alice();
  presence.asked();
  presence.change(change(true, ['carol'], 3_121));
  presence.answered({ online: ['bob'], connected: 3_120 });
  expect([presence.online, presence.connected]).toEqual([['bob', 'carol', 'alice'], 3_121]);
  presence.change(change(true, [], 2_000));
  expect(presence.connected).toBe(2_000);
});
