/** Whole conversations of real clients at a real server. */
import { expect, test } from 'vitest';
import { isEpochAfterRemoval, isKind, isReady, isRoomEvent } from './support/events.ts';
import { textsIn } from './support/kept-texts.ts';
import { connectClient, lobbyOf } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

test('lets two users enrol, meet in a room and exchange messages', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  const bob = await connectClient(network, 'bob');

  await alice.client.createRoom('lobby');
  expect((await bob.client.listRooms()).map(({ name, members, joined }) => ({ name, members, joined }))).toEqual([
    { name: 'lobby', members: 1, joined: false },
  ]);
  await bob.client.joinRoom('lobby');
  await bob.event(isReady);

  await alice.client.send('lobby', 'hello bob');
  await bob.client.send('lobby', 'hello alice');
  await alice.read('hello alice');
  await bob.read('hello alice');
  expect(alice.texts('lobby')).toEqual(['hello bob', 'hello alice']);
  expect(bob.texts('lobby')).toEqual(['hello bob', 'hello alice']);
  // The server gathers changes of presence, and this one may follow the messages.
  await alice.event((event) => event.kind === 'presence' && event.user === 'bob' && event.online);
  expect(alice.client.room('lobby')?.members.map(({ user, online, hub }) => ({ user, online, hub }))).toEqual([
    { user: 'alice', online: true, hub: true },
    { user: 'bob', online: true, hub: false },
  ]);
});

test('gives a room a new key when a member leaves, and only the others can read on', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, carol] = [
    await connectClient(network, 'alice'),
    await connectClient(network, 'bob'),
    await connectClient(network, 'carol'),
  ];
  await alice.client.createRoom('lobby');
  for (const guest of [bob, carol]) {
    await guest.client.joinRoom('lobby');
    await guest.event(isReady);
  }
  await bob.client.leaveRoom('lobby');
  expect(bob.client.rooms()).toEqual([]);
  await carol.event(isEpochAfterRemoval);
  await alice.client.send('lobby', 'without bob');
  await carol.read('without bob');
  expect(bob.texts('lobby')).toEqual([]);
  expect(alice.client.room('lobby')?.epoch).toBe(4);
});

test('lets another member become the hub when the hub leaves, without any manual step', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, carol] = [
    await connectClient(network, 'alice'),
    await connectClient(network, 'bob'),
    await connectClient(network, 'carol'),
  ];
  await alice.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  await bob.event(isReady);
  await alice.client.leaveRoom('lobby');
  expect(await bob.event(isKind('hub'))).toMatchObject({ user: 'bob', before: 'alice' });
  await carol.client.joinRoom('lobby');
  await carol.event(isReady);
  await carol.client.send('lobby', 'hello');
  await bob.read('hello');
});

test('reconnects after a restart of the server, with every message there exactly once', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  await alice.client.send('lobby', 'before');

  const waiting: Promise<unknown>[] = [];
  await network.restart(async () => {
    await alice.event((event) => event.kind === 'connection' && event.status === 'offline');
    waiting.push(alice.client.send('lobby', 'typed while away'));
    expect(alice.client.room('lobby')?.unsent).toBe(1);
  });
  await Promise.all(waiting);
  await bob.read('typed while away');
  expect(bob.texts('lobby')).toEqual(['before', 'typed while away']);
  expect(alice.texts('lobby')).toEqual(bob.texts('lobby'));
});

test('delivers many messages at once in order, each once', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const texts = Array.from({ length: 50 }, (_, index) => `message ${index}`);
  await Promise.all(texts.map((text) => alice.client.send('lobby', text)));
  await bob.read('message 49');
  expect(bob.texts('lobby')).toEqual(texts);
});

test('has its rooms, its keys and the messages sent in between when it is closed and opened again', async () => {
  await using network = await TestNetwork.start();
  const [alice, first] = [await network.enrol('alice'), await network.enrol('bob')];
  await alice.client.createRoom('lobby');
  await first.client.joinRoom('lobby');
  await first.event(isReady);
  await alice.client.send('lobby', 'one');
  await first.read('one');
  await first.client.close();
  await alice.client.send('lobby', 'two');
  const carol = await network.enrol('carol');
  await carol.client.joinRoom('lobby');
  await carol.event(isReady);
  await carol.client.send('lobby', 'three');

  const bob = await network.open('bob');
  await bob.read('three');
  expect(bob.texts('lobby')).toEqual(['two', 'three']);
  expect(await textsIn(bob.client, 'lobby')).toEqual(['one', 'two', 'three']);
  await bob.client.send('lobby', 'back');
  await alice.read('back');
  expect(alice.events.filter(isRoomEvent('violation'))).toEqual([]);
});

test('gives a room whose members are all away a key, which they find when they return', async () => {
  await using network = await TestNetwork.start();
  const alice = await network.enrol('alice');
  await alice.client.createRoom('lobby');
  await alice.client.close();
  const bob = await network.enrol('bob');
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'is anyone here?');
  const back = await network.open('alice');
  await back.read('is anyone here?');
});

test('reads on without a false alarm when a user leaves, restarts and joins again', async () => {
  await using network = await TestNetwork.start();
  const [alice, first] = [await network.enrol('alice'), await network.enrol('bob')];
  await alice.client.createRoom('lobby');
  await first.client.joinRoom('lobby');
  await first.event(isReady);
  await first.client.send('lobby', 'one');
  await first.client.leaveRoom('lobby');
  await first.client.close();
  await alice.client.send('lobby', 'two');

  const bob = await network.open('bob');
  await bob.client.joinRoom('lobby');
  await bob.event(isReady);
  await bob.client.send('lobby', 'three');
  await alice.read('three');
  expect(bob.texts('lobby')).toEqual(['three']);
  const faults = [...alice.events, ...bob.events].filter(
    (e) => e.kind === 'trouble' || (e.kind === 'room' && e.event.kind === 'violation'),
  );
  expect(faults).toEqual([]);
});
