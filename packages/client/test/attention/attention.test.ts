/** What a client counts as unread, between clients at a server. */
import { expect, test } from 'vitest';
import { isKind, isRoomEvent } from '../support/events.ts';
import { connectClient, joined, lobbyOf, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const unreadOf = ({ client }: TestClient, roomName = 'lobby') => client.room(roomName)?.unread;
const nothing = { count: 0, mentions: 0, first: null };

test('counts what others say until it is marked as read, by whom and when it was said last, and over restarts', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const { seq: first } = await alice.client.send('lobby', 'one');
  const { seq: second } = await alice.client.send('lobby', 'two, @bob');
  await bob.read('two, @bob');
  expect([unreadOf(alice), unreadOf(bob)]).toEqual([nothing, { count: 2, mentions: 1, first }]);
  expect(bob.client.room('lobby')?.latest).toMatchObject({ seq: second, user: 'alice', at: expect.any(Number) });

  await bob.client.attention.markRead('lobby', first);
  expect(bob.events.at(-1)).toMatchObject({ kind: 'read', roomName: 'lobby', seq: first });
  await bob.client.attention.markRead('lobby', 0);
  await bob.client.trust('alice', alice.client.fingerprint);
  const again = await bob.restart();
  expect(unreadOf(again)).toEqual({ count: 1, mentions: 1, first: second });
  await again.client.attention.markRead('lobby', Number.MAX_SAFE_INTEGER);
  await alice.client.send('lobby', 'three');
  await again.read('three');
  expect(unreadOf(again)?.count).toBe(1);
});

test('counts what was said while the client was closed, without what was deleted, also if nothing is kept', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  bob.client.messages.setRetention('nothing', 'lobby');
  await alice.client.send('lobby', 'one');
  const { seq: gone } = await alice.client.send('lobby', 'two, @bob');
  await bob.read('two, @bob');
  expect(unreadOf(bob)).toMatchObject({ count: 2, mentions: 1 });
  await bob.client.trust('alice', alice.client.fingerprint);
  const again = await bob.restart();
  await again.event(isKind('caught-up'));
  await alice.client.messages.delete('lobby', gone);
  await alice.client.send('lobby', 'three');
  await again.read('three');
  expect(unreadOf(again)).toMatchObject({ count: 2, mentions: 0 });
});

test('counts nothing of the history that a newcomer reads, and each message of a direct room as a mention', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('lobby', { join: 'open', history: 'all' });
  await alice.client.send('lobby', 'before');
  const bob = await joined(network, 'bob', 'lobby');
  await bob.read('before');
  await bob.event(isKind('caught-up'));
  expect(unreadOf(bob)).toEqual(nothing);
  await alice.client.openDirect('bob');
  const direct = alice.client.rooms().find(({ peer }) => peer === 'bob')?.roomName ?? '';
  await alice.client.send(direct, 'ring me');
  await bob.event(isKind('invited'));
  await bob.client.openDirect('alice');
  await bob.read('ring me');
  expect(unreadOf(bob, direct)).toMatchObject({ count: 1, mentions: 1 });
});

test('counts no message of a user who is muted or blocked, and keeps that over a restart', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, carol] = await lobbyOf(network, 'alice', 'bob', 'carol');
  await alice.client.send('lobby', 'noise');
  const { seq } = await bob.client.send('lobby', 'signal');
  await carol.read('signal');
  expect(unreadOf(carol)?.count).toBe(2);
  await carol.client.attention.change({ muted: ['alice'] });
  await carol.client.attention.setNotify('lobby', 'none');
  expect(carol.events.filter(({ kind }) => kind === 'attention-changed')).toHaveLength(2);
  const again = await carol.restart();
  expect(unreadOf(again)).toEqual({ count: 1, mentions: 0, first: seq });
  expect(again.client.room('lobby')?.notify).toBe('none');
  await again.client.attention.change({ muted: [], blocked: ['bob'] });
  await again.client.attention.setNotify('lobby', null);
  expect([unreadOf(again)?.count, again.client.room('lobby')?.notify]).toEqual([1, null]);
  expect(again.client.attention.settings).toMatchObject({ muted: [], blocked: ['bob'], quietHours: null });
});

test('an edit makes nothing unread, and tells whether the message mentions the user', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const { seq: read } = await alice.client.send('lobby', 'read');
  await bob.read('read');
  await bob.client.attention.markRead('lobby', read);
  const { seq } = await alice.client.send('lobby', 'unread');
  await bob.read('unread');
  await alice.client.messages.edit('lobby', read, 'read, @bob');
  const { seq: edited } = await alice.client.messages.edit('lobby', seq, 'unread, @bob');
  await bob.event((event) => isRoomEvent('edited')(event) && event.kind === 'room' && event.event.seq === edited);
  expect(unreadOf(bob)).toEqual({ count: 1, mentions: 1, first: seq });
});
