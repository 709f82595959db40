/** What the server says of an author's view of the log: too old passes, another log is told. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { Signal } from '../support/signal.ts';
import { type Frame, joined, lobbyOf } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const typeOf = (frame: Frame) => (frame['entry'] as Frame | undefined)?.['type'];

/** Answers the next appends of this type in the server's place. */
function refusing(type: string, error: string, times: number) {
  const meddling = {
    left: times,
    first: new Signal(),
    entries: [] as unknown[],
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (typeOf(frame) !== type) return frame;
      meddling.entries.push(frame['entry']);
      meddling.first.raise();
      if (meddling.left-- <= 0) return frame;
      queueMicrotask(() => meddling.inject({ re: frame['id'], error: { code: error, message: error } }));
      return null;
    },
  };
  return meddling;
}

async function bobIn(network: TestNetwork, meddling: ReturnType<typeof refusing>) {
  const [alice] = await lobbyOf(network, 'alice');
  const bob = await joined(network, 'bob', 'lobby', meddling, { speed: 10 });
  return { alice, bob };
}

test('a message whose view has become too old is signed anew, and said once', async () => {
  await using network = await TestNetwork.start();
  const meddling = refusing('message', 'stale-view', 2);
  const { alice, bob } = await bobIn(network, meddling);
  await bob.client.send('lobby', 'patience');
  await alice.read('patience');
  expect(new Set(meddling.entries.map((entry) => JSON.stringify(entry))).size).toBe(3);
  expect(alice.texts('lobby')).toEqual(['patience']);
});

test('a message that the server holds against another log is given back', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await bobIn(network, refusing('message', 'other-log', 1));
  expect(await rejectedCode(bob.client.send('lobby', 'to whom?'))).toBe('other-log');
  await bob.client.send('lobby', 'next');
  await alice.read('next');
  expect(alice.texts('lobby')).toEqual(['next']);
});

test('a decision is signed anew once the log has gone on, and not before', async () => {
  await using network = await TestNetwork.start();
  const meddling = refusing('leave', 'stale-view', 1);
  const { alice, bob } = await bobIn(network, meddling);
  const leaving = bob.client.leaveRoom('lobby');
  await meddling.first.raised;
  await alice.client.send('lobby', 'the log goes on');
  await leaving;
  expect(meddling.entries).toHaveLength(2);
  expect(bob.client.rooms()).toEqual([]);
});
