/** Conversations of two: opened with somebody offline, by both at once, and again after something was lost. */
import { directRoomName } from '@chat/protocol';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { connectMeddled, type Frame, type Meddled } from '../support/meddler.ts';
import { Network } from '../support/network.ts';

const code = (value: string) => expect.objectContaining({ code: value });
const isReady = (event: ClientEvent) => event.kind === 'ready';

const nameFor = (a: Meddled, b: Meddled) => directRoomName(a.client.fingerprint, b.client.fingerprint);

test('it is opened with somebody offline and written to at once; they read it though the author is away', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  await bob.client.close();
  const opened = await alice.client.openDirect('bob');
  expect(opened).toMatchObject({ roomName: nameFor(alice, bob), peer: 'bob', policy: { join: 'direct' } });
  await alice.client.send(opened.roomName, 'hello bob');
  expect(await alice.client.openDirect('bob')).toMatchObject({ roomId: opened.roomId });
  await alice.client.close();

  const back = await bob.restart();
  await back.event(({ kind }) => kind === 'invited');
  const joined = await back.client.openDirect('alice');
  expect(joined).toMatchObject({ roomId: opened.roomId, peer: 'alice' });
  await back.read('hello bob');
  await back.client.send(opened.roomName, 'hello alice');

  const again = await alice.restart();
  await again.read('hello alice');
  expect([...again.events, ...back.events].filter((e) => e.kind === 'room' && e.event.kind === 'violation')).toEqual(
    [],
  );
  expect(back.events.filter((e) => e.kind === 'room' && e.event.kind === 'unreadable')).toEqual([]);
});

test('opened by both at once it is one', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  const [one, other] = await Promise.all([alice.client.openDirect('bob'), bob.client.openDirect('alice')]);
  expect(other.roomId).toBe(one.roomId);
  await alice.client.send(one.roomName, 'from alice');
  await bob.client.send(one.roomName, 'from bob');
  await alice.read('from bob');
  await bob.read('from alice');
});

test('it has no third, and is in no list', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  const carol = await connectMeddled(network, 'carol');
  const { roomName: name } = await alice.client.openDirect('bob');
  await bob.client.openDirect('alice');
  await expect(alice.client.invite(name, 'carol')).rejects.toThrow(code('not-allowed'));
  await expect(carol.client.joinRoom(name)).rejects.toThrow(code('not-invited'));
  await expect(carol.client.knock(name)).rejects.toThrow(code('entry-refused'));
  expect(await carol.client.listRooms()).toEqual([]);
});

test('a client killed between opening it and inviting sees it through', async () => {
  await using network = await Network.start();
  const bob = await connectMeddled(network, 'bob');
  const alice = await connectMeddled(network, 'alice', {
    out: (frame) => ((frame['entry'] as Frame | undefined)?.['type'] === 'invite' ? null : frame),
  });
  const opening = alice.client.openDirect('bob').catch((error: unknown) => error);
  await alice.event(isReady);
  const again = await alice.restart();
  expect(await opening).toBeInstanceOf(Error);
  const { roomName: name } = await again.client.openDirect('bob');
  await again.client.send(name, 'here after all');
  await bob.client.openDirect('alice');
  await bob.read('here after all');
});

test('who left it is invited again when it is opened again', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  const { roomName: name } = await alice.client.openDirect('bob');
  await bob.client.openDirect('alice');
  await bob.client.leaveRoom(name);
  await alice.event((e) => e.kind === 'room' && e.event.kind === 'left');
  expect(alice.client.room(name)?.peer).toBe('bob');
  await alice.client.openDirect('bob');
  await alice.client.send(name, 'are you there?');
  await bob.client.openDirect('alice');
  await bob.read('are you there?');
});

test('somebody else’s room under the name of a conversation is not taken for it', async () => {
  await using network = await Network.start();
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  const mallory = await connectMeddled(network, 'mallory');
  const name = nameFor(alice, bob);
  await mallory.client.createRoom(name, { join: 'direct', history: 'since-join' });
  await mallory.client.invite(name, 'bob');
  await expect(bob.client.openDirect('alice')).rejects.toThrow(code('wrong-room'));
  await bob.event(({ kind }) => kind === 'left');
  expect(bob.client.rooms()).toEqual([]);
  await expect(alice.client.openDirect('nobody')).rejects.toThrow(code('unknown-user'));
  await expect(alice.client.openDirect('alice')).rejects.toThrow(code('not-allowed'));
});
