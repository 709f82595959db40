/** A row that is damaged at the server: the members give its entry back, and a reader who stopped at it goes on. */
import { expect, test } from 'vitest';
import { isKind, isRoomEvent } from '../support/events.ts';
import { connectClient, joined, lobbyOf } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

test('is repaired from what the members have kept, and a newcomer who stopped before it reads on', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  await alice.client.send('lobby', 'hello');
  await bob.read('hello');
  // Bob's join: a newcomer cannot know the members without it.
  await network.restart(async () => network.damage('lobby', 'join'));
  await alice.event((event) => isKind('caught-up')(event) && alice.events.filter(isKind('caught-up')).length > 1);
  const carol = await joined(network, 'carol', 'lobby', {}, { speed: 10 });
  await carol.client.send('lobby', 'all is well');
  await bob.read('all is well');
  expect(carol.events.filter(isRoomEvent('gap'))).toMatchObject([{ event: { stops: true, cause: 'damaged' } }]);
  expect(carol.events.filter(isRoomEvent('violation'))).toEqual([]);
  expect(await bob.event(isKind('restored'))).toMatchObject({ roomName: 'lobby' });
  const dave = await connectClient(network, 'dave');
  await dave.client.joinRoom('lobby');
  expect(dave.events.filter(isRoomEvent('gap'))).toEqual([]);
});
