/** Somebody who was away while the room went on without them. */
import { expect, test } from 'vitest';
import { connectMeddled, type Meddled } from './support/meddler.ts';
import { Network } from './support/network.ts';

/** Epochs in which something was said, by the words of whoever said it. */
function epochsOf({ events }: Meddled): number[] {
  return events.flatMap((e) => (e.kind === 'room' && e.event.kind === 'message' ? [e.event.epoch] : []));
}

test('five keys and two hubs later, they read everything that was said', async () => {
  await using network = await Network.start();
  const [alice, bob, dave] = [
    await connectMeddled(network, 'alice'),
    await connectMeddled(network, 'bob'),
    await connectMeddled(network, 'dave'),
  ];
  const carol = await connectMeddled(network, 'carol');
  await alice.client.createRoom('lobby');
  for (const guest of [bob, dave, carol]) {
    await guest.client.joinRoom('lobby');
    await guest.event(({ kind }) => kind === 'ready');
  }
  await alice.client.send('lobby', 'while carol is there');
  await carol.read('while carol is there');
  const before = carol.client.room('lobby')?.epoch ?? 0;
  await carol.client.close();

  /** Whether the room has another key than that. */
  const rekeyed = (who: Meddled, number: number) =>
    who.event((e) => e.kind === 'room' && e.event.kind === 'epoch' && e.event.number === number);
  const eve = await connectMeddled(network, 'eve');
  const said: string[] = [];
  const say = async (who: Meddled, text: string) => {
    await who.client.send('lobby', text);
    said.push(text);
  };

  await eve.client.joinRoom('lobby');
  await rekeyed(dave, before + 1);
  await say(alice, 'eve is here');
  await eve.client.leaveRoom('lobby');
  await rekeyed(dave, before + 2);
  await say(bob, 'eve is gone');
  await alice.client.leaveRoom('lobby');
  await rekeyed(dave, before + 3);
  await say(bob, 'so is alice, and bob makes the keys');
  await bob.client.leaveRoom('lobby');
  await rekeyed(dave, before + 4);
  await say(dave, 'now dave does');
  await eve.client.joinRoom('lobby');
  await rekeyed(dave, before + 5);
  await say(dave, 'eve is back');
  expect(dave.events.flatMap((e) => (e.kind === 'hub' ? [e.user] : []))).toEqual(['bob', 'dave']);

  const back = await carol.restart();
  await back.read('eve is back');
  expect(back.texts('lobby')).toEqual(said);
  expect(new Set(epochsOf(back)).size).toBe(5);
  expect(back.events.some((e) => e.kind === 'room' && ['violation', 'unreadable'].includes(e.event.kind))).toBe(false);
});
