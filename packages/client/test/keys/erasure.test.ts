import { expect, test } from 'vitest';
import { connectMeddled } from '../support/meddler.ts';
import { Network } from '../support/network.ts';

test('of a room’s keys the stored profile holds the latest one only', async () => {
  await using network = await Network.start();
  const alice = await network.enrol('alice');
  await alice.client.createRoom('lobby');
  const bob = await connectMeddled(network, 'bob', {});
  await bob.client.joinRoom('lobby');
  await bob.event((event) => event.kind === 'ready');
  await alice.client.send('lobby', 'epoch 2');
  const carol = await network.enrol('carol');
  await carol.client.joinRoom('lobby');
  await carol.event((event) => event.kind === 'ready');
  await carol.client.leaveRoom('lobby');
  await bob.event((e) => e.kind === 'room' && e.event.kind === 'epoch' && e.event.reason === 'removal');
  await alice.client.send('lobby', 'epoch 4');
  await bob.read('epoch 4');
  await bob.client.send('lobby', 'stored now');

  const [room] = Object.values(bob.stored()?.rooms ?? {});
  expect(Object.keys(room?.state.secrets ?? {})).toEqual(['4']);
  expect(Object.keys(room?.state.epochs ?? {})).toEqual(['4']);
  expect(bob.texts('lobby')).toEqual(['epoch 2', 'epoch 4', 'stored now']);
});
