/** A member who was away while the room went through several epochs. */
import { expect, test } from 'vitest';
import { isReady } from './support/events.ts';
import { connectClient, type TestClient } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

/** Returns the epoch of each message, as its author states it. */
function epochsOf({ events }: TestClient): number[] {
  return events.flatMap((e) => (e.kind === 'room' && e.event.kind === 'message' ? [e.event.epoch] : []));
}

test('shows a returning member every message of five epochs and two hubs', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, dave] = [
    await connectClient(network, 'alice'),
    await connectClient(network, 'bob'),
    await connectClient(network, 'dave'),
  ];
  const carol = await connectClient(network, 'carol');
  await alice.client.createRoom('lobby');
  for (const guest of [bob, dave, carol]) {
    await guest.client.joinRoom('lobby');
    await guest.event(isReady);
  }
  await alice.client.send('lobby', 'while carol is there');
  await carol.read('while carol is there');
  const before = carol.client.room('lobby')?.epoch ?? 0;
  await carol.client.close();

  /** Resolves when this member has read the epoch of this number. */
  const rekeyed = (who: TestClient, number: number) =>
    who.event((e) => e.kind === 'room' && e.event.kind === 'epoch' && e.event.number === number);
  const erin = await connectClient(network, 'erin');
  const said: string[] = [];
  const say = async (who: TestClient, text: string) => {
    await who.client.send('lobby', text);
    said.push(text);
  };

  await erin.client.joinRoom('lobby');
  await rekeyed(dave, before + 1);
  await say(alice, 'erin is here');
  await erin.client.leaveRoom('lobby');
  await rekeyed(dave, before + 2);
  await say(bob, 'erin is gone');
  await alice.client.leaveRoom('lobby');
  await rekeyed(dave, before + 3);
  await say(bob, 'so is alice, and bob makes the keys');
  await bob.client.leaveRoom('lobby');
  await rekeyed(dave, before + 4);
  await say(dave, 'now dave does');
  await erin.client.joinRoom('lobby');
  await rekeyed(dave, before + 5);
  await say(dave, 'erin is back');
  expect(dave.events.flatMap((e) => (e.kind === 'hub' ? [e.user] : []))).toEqual(['bob', 'dave']);

  const back = await carol.restart();
  await back.read('erin is back');
  expect(back.texts('lobby')).toEqual(said);
  expect(new Set(epochsOf(back)).size).toBe(5);
  expect(back.events.some((e) => e.kind === 'room' && ['violation', 'unreadable'].includes(e.event.kind))).toBe(false);
});
