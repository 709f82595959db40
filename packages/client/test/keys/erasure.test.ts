/** The erasure of old room keys from the profile. */
import { expect, test } from 'vitest';
import { isEpochAfterRemoval, isReady } from '../support/events.ts';
import { joined } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

test('stores only the latest key of a room', async () => {
  await using network = await TestNetwork.start();
  const alice = await network.enrol('alice');
  await alice.client.createRoom('lobby');
  const bob = await joined(network, 'bob', 'lobby', {});
  await alice.client.send('lobby', 'epoch 2');
  const carol = await network.enrol('carol');
  await carol.client.joinRoom('lobby');
  await carol.event(isReady);
  await carol.client.leaveRoom('lobby');
  await bob.event(isEpochAfterRemoval);
  await alice.client.send('lobby', 'epoch 4');
  await bob.read('epoch 4');
  await bob.client.send('lobby', 'stored now');

  const [room] = Object.values(bob.stored()?.rooms ?? {});
  expect(Object.keys(room?.state.secrets ?? {})).toEqual(['4']);
  expect(Object.keys(room?.state.epochs ?? {})).toEqual(['4']);
  expect(bob.texts('lobby')).toEqual(['epoch 2', 'epoch 4', 'stored now']);
});
