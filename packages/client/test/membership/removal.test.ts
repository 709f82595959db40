import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { connectMeddled, type Meddled } from '../support/meddler.ts';
import { Network } from '../support/network.ts';

const ofKind = (kind: string) => (event: ClientEvent) => event.kind === 'room' && event.event.kind === kind;
const removedFor = (event: ClientEvent) =>
  event.kind === 'room' && event.event.kind === 'epoch' && event.event.reason === 'removal';

const rolesAt = (watched: Meddled) =>
  Object.fromEntries((watched.client.room('lobby')?.members ?? []).map(({ user, role }) => [user, role]));

/** Everybody in one room with its key, which the first of them opened. */
async function lobby(network: Network, ...users: readonly string[]): Promise<Meddled[]> {
  const all: Meddled[] = [];
  for (const user of users) {
    const one = await connectMeddled(network, user);
    if (all.length === 0) await one.client.createRoom('lobby');
    else await one.client.joinRoom('lobby');
    await one.event((event) => event.kind === 'ready');
    all.push(one);
  }
  return all;
}

const rejected = (code: string) => expect.objectContaining({ code });

test('who is removed is told, keeps what they had, reads nothing further, and others go on', async () => {
  await using network = await Network.start();
  const [alice, bob, carol] = await lobby(network, 'alice', 'bob', 'carol');
  if (!alice || !bob || !carol) throw new Error('nobody');
  await alice.client.send('lobby', 'with bob');
  await bob.read('with bob');

  await alice.client.removeMember('lobby', 'bob');
  const told = await bob.event(ofKind('removed'));
  expect(told).toMatchObject({ event: { by: 'alice', user: 'bob' }, mine: false });
  await carol.event(removedFor);
  await alice.client.send('lobby', 'without bob');
  await carol.read('without bob');
  expect(bob.texts('lobby')).toEqual(['with bob']);
  expect(bob.client.room('lobby')?.recent.map(({ text }) => text)).toEqual(['with bob']);

  await expect(bob.client.send('lobby', 'let me')).rejects.toEqual(rejected('removed'));
  await expect(bob.client.joinRoom('lobby')).rejects.toEqual(rejected('removed'));
  expect(bob.client.room('lobby')?.recent.map(({ text }) => text)).toEqual(['with bob']);
  await bob.client.leaveRoom('lobby');
  expect(bob.client.rooms()).toEqual([]);
  await expect(bob.client.joinRoom('lobby')).rejects.toEqual(rejected('removed'));
  expect(bob.client.rooms()).toEqual([]);
});

test('the remover goes at once: the next member makes the key, and bans outlive a restart of the server', async () => {
  await using network = await Network.start();
  const [alice, bob, carol] = await lobby(network, 'alice', 'bob', 'carol');
  if (!alice || !bob || !carol) throw new Error('nobody');
  const removing = alice.client.removeMember('lobby', 'bob');
  await bob.event(ofKind('removed'));
  await removing;
  await alice.client.close();
  await carol.event(removedFor);
  await carol.client.send('lobby', 'on our own');
  const before = bob.events.length;
  await network.restart();
  const isOnline = (event: ClientEvent) => event.kind === 'connection' && event.status === 'online';
  await bob.event((event) => isOnline(event) && bob.events.indexOf(event) >= before);
  await expect(bob.client.joinRoom('lobby')).rejects.toEqual(rejected('removed'));
  const again = await alice.restart();
  await again.read('on our own');
  expect([...again.events, ...carol.events].filter(ofKind('violation'))).toEqual([]);
});

test('who was removed while away finds out, and may come back once a moderator says so', async () => {
  await using network = await Network.start();
  const [alice, bob, carol] = await lobby(network, 'alice', 'bob', 'carol');
  if (!alice || !bob || !carol) throw new Error('nobody');
  await alice.client.giveRole('lobby', 'carol', 'moderator');
  await alice.client.send('lobby', 'before');
  await bob.read('before');
  await bob.client.close();
  await alice.client.send('lobby', 'while bob is away');
  await carol.event(ofKind('role'));
  await carol.client.removeMember('lobby', 'bob');
  await carol.event(removedFor);
  await alice.client.send('lobby', 'without bob');

  const back = await bob.restart();
  expect(await back.event((event) => event.kind === 'trouble')).toMatchObject({ code: 'removed' });
  await expect(back.client.joinRoom('lobby')).rejects.toEqual(rejected('removed'));
  expect(back.client.room('lobby')?.recent.map(({ text }) => text)).toEqual(['before']);

  await carol.client.giveRole('lobby', 'bob', 'member');
  await back.client.joinRoom('lobby');
  await back.event((event) => event.kind === 'ready');
  await alice.client.send('lobby', 'welcome back');
  await back.read('welcome back');
  await back.client.send('lobby', 'thank you');
  await alice.read('thank you');
  expect(back.texts('lobby')).toEqual(['welcome back', 'thank you']);
  expect(back.client.room('lobby')?.recent.map(({ text }) => text)).toEqual(['before', 'welcome back', 'thank you']);
  const everything = [...alice.events, ...carol.events, ...back.events];
  expect(everything.filter(ofKind('violation'))).toEqual([]);
});

test('roles are given, handed over and passed on, and everybody sees the same', async () => {
  await using network = await Network.start();
  const [alice, bob, carol] = await lobby(network, 'alice', 'bob', 'carol');
  if (!alice || !bob || !carol) throw new Error('nobody');
  expect(rolesAt(carol)).toEqual({ alice: 'owner', bob: 'member', carol: 'member' });
  await expect(bob.client.removeMember('lobby', 'carol')).rejects.toEqual(rejected('not-allowed'));
  await expect(alice.client.removeMember('lobby', 'alice')).rejects.toEqual(rejected('not-allowed'));
  await expect(alice.client.giveRole('lobby', 'dan', 'moderator')).rejects.toEqual(rejected('unknown-member'));
  await expect(alice.client.removeMember('attic', 'bob')).rejects.toEqual(rejected('not-joined'));

  await alice.client.giveRole('lobby', 'carol', 'owner');
  await carol.event(ofKind('role'));
  expect(rolesAt(carol)).toEqual({ alice: 'moderator', bob: 'member', carol: 'owner' });
  await carol.client.leaveRoom('lobby');
  const passed = (event: ClientEvent) =>
    event.kind === 'room' && event.event.kind === 'role' && event.event.by === null;
  expect(await bob.event(passed)).toMatchObject({ event: { user: 'alice', role: 'owner' } });
  expect(rolesAt(bob)).toEqual({ alice: 'owner', bob: 'member' });
  await bob.event(removedFor);
  await bob.client.send('lobby', 'goes on');
  await alice.read('goes on');
});

test('what was said in the moment of the removal is on the log, or given back: never neither', async () => {
  await using network = await Network.start();
  const [alice, bob] = await lobby(network, 'alice', 'bob');
  if (!alice || !bob) throw new Error('nobody');
  const removing = alice.client.removeMember('lobby', 'bob');
  const outcome = bob.client.send('lobby', 'in the same moment').then(
    () => 'sent',
    (error: { code: string }) => error.code,
  );
  await removing;
  await bob.event(ofKind('removed'));
  const came = (await outcome) === 'sent';
  expect(alice.texts('lobby')).toEqual(came ? ['in the same moment'] : []);
  expect(['sent', 'removed', 'not-a-member']).toContain(await outcome);
});
