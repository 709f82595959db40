/** A client whose key was renewed: what it had sent, was invited to and had invited goes on, in rooms that get the key late, too. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { isKind, isRoomEvent } from '../support/events.ts';
import { connectClient, type Frame, joined, lobbyOf, type Tampering } from '../support/test-client.ts';
import { TestNetwork, type WatchedClient } from '../support/test-network.ts';

const byInvitation = { join: 'invite', history: 'since-join' } as const;

const isComplete = isKind('renewal-complete');

const typeOf = (frame: Frame): unknown => (frame['entry'] as Frame | undefined)?.['type'];

/** Drops the client's own `renew-key` entries, so that rooms and invitations keep the key before. */
const withoutRenewals = { out: (frame: Frame) => (typeOf(frame) === 'renew-key' ? null : frame) };

const isNewKeyOf = (user: string) => (event: ClientEvent) =>
  event.kind === 'room' && event.event.kind === 'key-renewed' && event.event.user === user;

const alarms = new Set<ClientEvent['kind']>(['identity-changed', 'trouble', 'undelivered']);

/** Returns the alarms of clients. */
const alarmsOf = (...clients: readonly WatchedClient[]): readonly ClientEvent[] =>
  clients.flatMap(({ events }) => events.filter((event) => alarms.has(event.kind) || isRoomEvent('violation')(event)));

test('delivers a message once that was on its way with the key before, over a crash after the room has the new one', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('lobby');
  let deaf = false;
  const bob = await joined(network, 'bob', 'lobby', { in: (frame) => (deaf ? [] : [frame]) });
  deaf = true;
  const sending = bob.client.send('lobby', 'said once').catch((error: unknown) => error);
  await alice.read('said once');
  const renewed = await bob.renew();
  expect(await sending).toBeInstanceOf(Error);
  await alice.event(isNewKeyOf('bob'));
  await renewed.event(isComplete);
  // The log shows the message and the new key at once.
  const again = await renewed.restartUnsaved();
  await again.client.send('lobby', 'said next');
  await alice.read('said next');
  expect(alice.texts('lobby')).toEqual(['said once', 'said next']);
  expect(alarmsOf(alice, again)).toEqual([]);
});

test('renews again before its rooms have the new key, which get the newest one without an alarm', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  // The key of the room is stored with it.
  await bob.client.send('lobby', 'with the first key');
  const once = await bob.renew(withoutRenewals);
  expect(once.client.isRenewingKey).toBe(true);
  const twice = await once.renew(withoutRenewals);
  await twice.event(isKind('caught-up'));
  const last = await twice.renew();
  await last.event(isComplete);
  await alice.event(isNewKeyOf('bob'));
  await last.client.send('lobby', 'three keys later');
  await alice.read('three keys later');
  expect(last.client.isRenewingKey).toBe(false);
  expect(last.events.filter(isComplete)).toHaveLength(1);
  expect(alarmsOf(alice, once, twice, last)).toEqual([]);
});

test('gives the key to each room with an invitation, also to one that the server did not take it for at first', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  for (const room of ['den', 'nook']) {
    await alice.client.createRoom(room, byInvitation);
    await alice.client.invite(room, 'bob');
  }
  let refusals = 1;
  const tampering: Tampering = {
    out(frame) {
      if (typeOf(frame) !== 'renew-key' || refusals === 0) return frame;
      refusals -= 1;
      const error = { code: 'limit-reached', message: 'Later.' };
      queueMicrotask(() => tampering.inject?.({ re: frame['id'], error }));
      return null;
    },
    inject: () => {},
  };
  const renewed = await bob.renew(tampering);
  expect(await renewed.event(isKind('trouble'))).toMatchObject({ code: 'limit-reached' });
  await alice.event(isNewKeyOf('bob'));
  expect(renewed.client.isRenewingKey).toBe(true);
  expect(renewed.events.filter(isComplete)).toEqual([]);

  const again = await renewed.restart();
  await again.event(isComplete);
  for (const room of ['den', 'nook']) {
    await again.client.joinRoom(room);
    await alice.client.send(room, `welcome to ${room}`);
    await again.read(`welcome to ${room}`);
  }
  expect(again.stored()?.renewInvitations).toBeUndefined();
  expect(alarmsOf(alice, again)).toEqual([]);
});

test('waits for no room that the server denies, and gives it the key once it lets the user in', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const denying: Tampering = {
    out(frame) {
      if (frame['op'] !== 'subscribe') return frame;
      const error = { code: 'not-a-member', message: 'No.' };
      queueMicrotask(() => denying.inject?.({ re: frame['id'], error }));
      return null;
    },
    inject: () => {},
  };
  const denied = await bob.renew(denying);
  await expect.poll(() => denied.client.room('lobby')?.denied).toBe(true);
  await expect.poll(() => denied.client.isRenewingKey).toBe(false);
  const again = await denied.restart();
  await again.event(isComplete);
  await alice.event(isNewKeyOf('bob'));
  expect(again.client.room('lobby')?.denied).toBe(false);
  await again.client.send('lobby', 'let in');
  await alice.read('let in');
});

test('goes on as owner, whose invitations wait: it withdraws one, invites, removes and hands the room over', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const [carol, dave] = [await connectClient(network, 'carol'), await connectClient(network, 'dave')];
  await alice.client.createRoom('den', byInvitation);
  await alice.client.invite('den', 'bob');
  await alice.client.invite('den', 'carol');
  const renewed = await alice.renew();
  await renewed.event(isComplete);
  await network.restart();
  await bob.event((event) => event.kind === 'connection' && event.status === 'online');

  await expect.poll(() => renewed.client.online && bob.client.online && carol.client.online).toBe(true);
  expect(renewed.client.room('den')?.invited).toMatchObject([{ by: 'alice' }, { by: 'alice' }]);
  await bob.client.joinRoom('den');
  await renewed.client.removeMember('den', 'carol');
  expect(await rejectedCode(carol.client.joinRoom('den'))).toBe('not-invited');
  await renewed.client.invite('den', 'dave');
  await dave.client.joinRoom('den');
  await renewed.client.removeMember('den', 'dave');
  await dave.event(isRoomEvent('removed'));
  await renewed.client.giveRole('den', 'bob', 'owner');
  await bob.event((event) => event.kind === 'room' && event.event.kind === 'role' && event.event.user === 'bob');
  expect(bob.client.room('den')?.members.map(({ user, role }) => [user, role])).toEqual([
    ['alice', 'moderator'],
    ['bob', 'owner'],
  ]);
  await renewed.client.send('den', 'it is yours');
  await bob.read('it is yours');
  expect(alarmsOf(renewed, bob)).toEqual([]);
});

test('goes on in a direct room that it has opened, and in one to which it is invited', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const { roomName } = await alice.client.openDirect('bob');
  await alice.client.send(roomName, 'before');
  const her = await alice.renew();
  await her.event(isComplete);
  const him = await bob.renew();
  await him.event(isComplete);
  await him.event(isKind('invited'));
  expect((await him.client.openDirect('alice')).roomName).toBe(roomName);
  await him.client.send(roomName, 'from bob');
  await her.read('from bob');
  await her.client.send(roomName, 'after');
  await him.read('after');
  expect(alarmsOf(her, him)).toEqual([]);
});
