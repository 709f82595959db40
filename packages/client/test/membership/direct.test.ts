/** Direct rooms: opened with a user who is offline, by both users at once, and again after an interruption. */

import { directRoomName } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isKind, isReady, isRoomEvent } from '../support/events.ts';
import { connectClient, type Frame, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const nameFor = (a: TestClient, b: TestClient) => directRoomName(a.client.fingerprint, b.client.fingerprint);

test('opens a direct room with a user who is offline, who later reads messages of an author who is away', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await bob.client.close();
  const opened = await alice.client.openDirect('bob');
  expect(opened).toMatchObject({ roomName: nameFor(alice, bob), peer: 'bob', policy: { join: 'direct' } });
  await alice.client.send(opened.roomName, 'hello bob');
  expect(await alice.client.openDirect('bob')).toMatchObject({ roomId: opened.roomId });
  await alice.client.close();

  const back = await bob.restart();
  await back.event(isKind('invited'));
  const joined = await back.client.openDirect('alice');
  expect(joined).toMatchObject({ roomId: opened.roomId, peer: 'alice' });
  await back.read('hello bob');
  await back.client.send(opened.roomName, 'hello alice');

  const again = await alice.restart();
  await again.read('hello alice');
  expect([...again.events, ...back.events].filter(isRoomEvent('violation'))).toEqual([]);
  expect(back.events.filter(isRoomEvent('unreadable'))).toEqual([]);
});

test('opens one direct room when both users open it at once', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const [one, other] = await Promise.all([alice.client.openDirect('bob'), bob.client.openDirect('alice')]);
  expect(other.roomId).toBe(one.roomId);
  await alice.client.send(one.roomName, 'from alice');
  await bob.client.send(one.roomName, 'from bob');
  await alice.read('from bob');
  await bob.read('from alice');
});

test('admits no third user to a direct room, and lists it for no other user', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const carol = await connectClient(network, 'carol');
  const { roomName: name } = await alice.client.openDirect('bob');
  await bob.client.openDirect('alice');
  expect(await rejectedCode(alice.client.invite(name, 'carol'))).toBe('not-allowed');
  expect(await rejectedCode(carol.client.joinRoom(name))).toBe('not-invited');
  expect(await rejectedCode(carol.client.knock(name))).toBe('entry-refused');
  expect(await carol.client.listRooms()).toEqual([]);
});

test('finishes opening a direct room if the client is killed before the invitation', async () => {
  await using network = await TestNetwork.start();
  const bob = await connectClient(network, 'bob');
  const alice = await connectClient(network, 'alice', {
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

test('invites a user again who has left the direct room', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const { roomName: name } = await alice.client.openDirect('bob');
  await bob.client.openDirect('alice');
  await bob.client.leaveRoom(name);
  await alice.event(isRoomEvent('left'));
  expect(alice.client.room(name)?.peer).toBe('bob');
  await alice.client.openDirect('bob');
  await alice.client.send(name, 'are you there?');
  await bob.client.openDirect('alice');
  await bob.read('are you there?');
});

test('refuses another user’s room under the name of a direct room', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const mallory = await connectClient(network, 'mallory');
  const name = nameFor(alice, bob);
  await mallory.client.createRoom(name, { join: 'direct', history: 'since-join' });
  await mallory.client.invite(name, 'bob');
  expect(await rejectedCode(bob.client.openDirect('alice'))).toBe('wrong-room');
  await bob.event(isKind('left'));
  expect(bob.client.rooms()).toEqual([]);
  expect(await rejectedCode(alice.client.openDirect('carol'))).toBe('unknown-user');
  expect(await rejectedCode(alice.client.openDirect('alice'))).toBe('not-allowed');
});
