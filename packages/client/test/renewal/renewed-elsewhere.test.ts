/** Renewals of identity keys and what others do meanwhile: a server that is restored, an operator who revokes, a user who accepts a direct room. */
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { isKind, isRoomEvent } from '../support/events.ts';
import { connectClient, type Frame, joined, lobbyOf, type Tampering, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const isComplete = isKind('renewal-complete');

/** Drops the client's own `renew-key` entries, so that rooms and invitations keep the key before. */
const withoutRenewals = {
  out: (frame: Frame) => ((frame['entry'] as Frame | undefined)?.['type'] === 'renew-key' ? null : frame),
};

const isAlarm = (event: ClientEvent) => event.kind === 'identity-changed' || isRoomEvent('violation')(event);

const alarmsOf = (...clients: readonly TestClient[]) => clients.flatMap(({ events }) => events.filter(isAlarm));

const membersAt = ({ client }: TestClient) =>
  client.room('lobby')?.members.map(({ user, fingerprint }) => [user, fingerprint]);

test.each(['the members give it back', 'the user does'])(
  'survives a restore of the server from a backup of before: %s',
  async (who) => {
    await using network = await TestNetwork.start();
    const [alice, before] = await lobbyOf(network, 'alice', 'bob');
    await alice.client.verify('bob', before.client.fingerprint);
    await before.client.send('lobby', 'with the first key');
    const backup = network.backupOfAll();
    let bob = await before.renew();
    await bob.event(isComplete);
    await bob.client.send('lobby', 'with the second key');
    await alice.read('with the second key');

    // The one who gives back what was lost goes on; the other one has no connection before.
    const isFirst = who === 'the user does';
    await (isFirst ? alice : bob).client.close();
    await network.restart(async () => network.restoreAll(backup));
    await (isFirst ? bob : alice).event(isKind('restored'));
    if (!isFirst) bob = await bob.restart();
    const her = isFirst ? await alice.restart() : alice;
    await bob.client.send('lobby', 'after the backup');
    await her.read('after the backup');
    await her.client.send('lobby', 'and back');
    await bob.read('and back');

    expect(network.account('bob')?.fingerprint).toBe(bob.client.fingerprint);
    expect(membersAt(her)).toContainEqual(['bob', bob.client.fingerprint]);
    expect(membersAt(bob)).toEqual(membersAt(her));
    expect(her.client.room('lobby')?.members.find(({ user }) => user === 'bob')?.verified).toBe(true);
    expect(alarmsOf(her, bob)).toEqual([]);
  },
);

test('does not keep a revoked user in a room that has an earlier key of theirs', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const renewed = await bob.renew(withoutRenewals);
  await renewed.event(isKind('caught-up'));
  expect(renewed.client.isRenewingKey).toBe(true);
  await network.server.revoke('bob', 'keyCompromise');
  await alice.event(isRoomEvent('revoked'));
  await expect.poll(() => membersAt(alice)?.map(([user]) => user)).toEqual(['alice']);
  expect(await renewed.event(isKind('refused'))).toMatchObject({ code: 'access-revoked' });
  await alice.client.send('lobby', 'without bob');
  expect(renewed.texts('lobby')).not.toContain('without bob');
  expect(alarmsOf(alice)).toEqual([]);
});

test('keeps a message waiting while the client asks whether a new key in the room is a renewed one', async () => {
  await using network = await TestNetwork.start();
  await (await connectClient(network, 'carol')).client.createRoom('lobby');
  const bob = await joined(network, 'bob', 'lobby');
  const held: Frame[] = [];
  const holding: Tampering = {
    in(frame) {
      if ((frame['ok'] as Frame | undefined)?.['renewals'] === undefined) return [frame];
      held.push(frame);
      return [];
    },
    inject: () => {},
  };
  const alice = await joined(network, 'alice', 'lobby', holding);
  await bob.client.leaveRoom('lobby');
  const renewed = await bob.renew();
  await renewed.client.createRoom('den');
  await alice.client.joinRoom('den');
  await expect.poll(() => held).toHaveLength(1);
  const sent = alice.client.send('den', 'it is you');
  for (const answer of held) holding.inject?.(answer);
  await sent;
  await renewed.read('it is you');
  expect(alarmsOf(alice)).toEqual([]);
});

test('lets a user accept a direct room that gets the new key of the other one later', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const { roomName } = await alice.client.openDirect('bob');
  const lagging = await alice.renew(withoutRenewals);
  await lagging.event(isKind('caught-up'));
  await bob.event(isKind('invited'));
  const opening = bob.client.openDirect('alice');
  await lagging.event(isRoomEvent('joined'));
  const renewed = await lagging.restart();
  expect((await opening).roomName).toBe(roomName);
  await bob.client.send(roomName, 'accepted');
  await renewed.read('accepted');
  await renewed.client.send(roomName, 'welcome');
  await bob.read('welcome');
  expect(renewed.client.room(roomName)?.members.map(({ user }) => user)).toEqual(['alice', 'bob']);
});
