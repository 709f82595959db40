/** Removals, readmissions and roles, with real clients and a real server. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { isEpochAfterRemoval, isReady, isRoomEvent } from '../support/events.ts';
import { textsIn } from '../support/kept-texts.ts';
import { Signal } from '../support/signal.ts';
import { connectClient, type Frame, joined, lobbyOf, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const rolesAt = (watched: TestClient) =>
  Object.fromEntries((watched.client.room('lobby')?.members ?? []).map(({ user, role }) => [user, role]));

test('removes a member, who keeps the messages so far and reads nothing further', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, carol] = await lobbyOf(network, 'alice', 'bob', 'carol');
  await alice.client.send('lobby', 'with bob');
  await bob.read('with bob');

  await alice.client.removeMember('lobby', 'bob');
  const told = await bob.event(isRoomEvent('removed'));
  expect(told).toMatchObject({ event: { by: 'alice', user: 'bob' }, mine: false });
  await carol.event(isEpochAfterRemoval);
  await alice.client.send('lobby', 'without bob');
  await carol.read('without bob');
  expect(bob.texts('lobby')).toEqual(['with bob']);
  expect(await textsIn(bob.client, 'lobby')).toEqual(['with bob']);

  expect(await rejectedCode(bob.client.send('lobby', 'let me'))).toBe('removed');
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('removed');
  expect(await textsIn(bob.client, 'lobby')).toEqual(['with bob']);
  await bob.client.leaveRoom('lobby');
  expect(bob.client.rooms()).toEqual([]);
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('removed');
  expect(bob.client.rooms()).toEqual([]);
});

test('lets the next member make the key if the remover goes at once, and keeps removals over a restart of the server', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, carol] = await lobbyOf(network, 'alice', 'bob', 'carol');
  const removing = alice.client.removeMember('lobby', 'bob');
  await bob.event(isRoomEvent('removed'));
  await removing;
  await alice.client.close();
  await carol.event(isEpochAfterRemoval);
  await carol.client.send('lobby', 'on our own');
  const before = bob.events.length;
  await network.restart();
  const isOnline = (event: ClientEvent) => event.kind === 'connection' && event.status === 'online';
  await bob.event((event) => isOnline(event) && bob.events.indexOf(event) >= before);
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('removed');
  const again = await alice.restart();
  await again.read('on our own');
  expect([...again.events, ...carol.events].filter(isRoomEvent('violation'))).toEqual([]);
});

test('tells a user who was removed while away, and lets them join again after a readmission', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, carol] = await lobbyOf(network, 'alice', 'bob', 'carol');
  await alice.client.giveRole('lobby', 'carol', 'moderator');
  await alice.client.send('lobby', 'before');
  await bob.read('before');
  await bob.client.close();
  await alice.client.send('lobby', 'while bob is away');
  await carol.event(isRoomEvent('role'));
  await carol.client.removeMember('lobby', 'bob');
  await carol.event(isEpochAfterRemoval);
  await alice.client.send('lobby', 'without bob');

  const back = await bob.restart();
  expect(await back.event((event) => event.kind === 'trouble')).toMatchObject({ code: 'removed' });
  expect(await rejectedCode(back.client.joinRoom('lobby'))).toBe('removed');
  expect(await textsIn(back.client, 'lobby')).toEqual(['before']);

  await carol.client.giveRole('lobby', 'bob', 'member');
  await back.client.joinRoom('lobby');
  await back.event(isReady);
  await alice.client.send('lobby', 'welcome back');
  await back.read('welcome back');
  await back.client.send('lobby', 'thank you');
  await alice.read('thank you');
  expect(back.texts('lobby')).toEqual(['welcome back', 'thank you']);
  expect(await textsIn(back.client, 'lobby')).toEqual(['before', 'welcome back', 'thank you']);
  const everything = [...alice.events, ...carol.events, ...back.events];
  expect(everything.filter(isRoomEvent('violation'))).toEqual([]);
});

test('gives, hands over and passes on roles, and shows all members the same', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, carol] = await lobbyOf(network, 'alice', 'bob', 'carol');
  expect(rolesAt(carol)).toEqual({ alice: 'owner', bob: 'member', carol: 'member' });
  expect(await rejectedCode(bob.client.removeMember('lobby', 'carol'))).toBe('not-allowed');
  expect(await rejectedCode(alice.client.removeMember('lobby', 'alice'))).toBe('not-allowed');
  expect(await rejectedCode(alice.client.giveRole('lobby', 'dave', 'moderator'))).toBe('unknown-member');
  expect(await rejectedCode(alice.client.removeMember('attic', 'bob'))).toBe('not-joined');

  await alice.client.giveRole('lobby', 'carol', 'owner');
  await carol.event(isRoomEvent('role'));
  expect(rolesAt(carol)).toEqual({ alice: 'moderator', bob: 'member', carol: 'owner' });
  await carol.client.leaveRoom('lobby');
  const passed = (event: ClientEvent) =>
    event.kind === 'room' && event.event.kind === 'role' && event.event.by === null;
  expect(await bob.event(passed)).toMatchObject({ event: { user: 'alice', role: 'owner' } });
  expect(rolesAt(bob)).toEqual({ alice: 'owner', bob: 'member' });
  await bob.event(isEpochAfterRemoval);
  await bob.client.send('lobby', 'goes on');
  await alice.read('goes on');
});

test('takes a decision as done that the log shows together with the entry that undoes it', async () => {
  await using network = await TestNetwork.start();
  let holds = false;
  const acknowledged = new Signal();
  const alice = await connectClient(network, 'alice', {
    in(frame) {
      if (holds && (frame['ok'] as Frame | undefined)?.['seq'] !== undefined) acknowledged.raise();
      return holds && frame['push'] === 'entry' ? [] : [frame];
    },
  });
  await alice.client.createRoom('lobby');
  const bob = await joined(network, 'bob', 'lobby');
  holds = true;
  const giving = alice.client.giveRole('lobby', 'bob', 'moderator');
  await acknowledged.raised;
  await bob.client.leaveRoom('lobby');
  holds = false;
  alice.inject({ push: 'bye', error: { code: 'stopping', message: 'stopping' } });
  await giving;
  expect(rolesAt(alice)).toEqual({ alice: 'owner' });
});

test('either delivers or gives back a message that is sent at the moment of a removal', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const removing = alice.client.removeMember('lobby', 'bob');
  const outcome = bob.client.send('lobby', 'in the same moment').then(
    () => 'sent',
    (error: { code: string }) => error.code,
  );
  await removing;
  await bob.event(isRoomEvent('removed'));
  const came = (await outcome) === 'sent';
  expect(alice.texts('lobby')).toEqual(came ? ['in the same moment'] : []);
  expect(['sent', 'removed', 'not-a-member']).toContain(await outcome);
});
