/** What the server says of an author's view of the log: too old passes, another log is told. */
import { expect, test } from 'vitest';
import { connectMeddled, type Frame } from '../support/meddler.ts';
import { Network } from '../support/network.ts';

const code = (value: string) => expect.objectContaining({ code: value });
const typeOf = (frame: Frame) => (frame['entry'] as Frame | undefined)?.['type'];

/** Answers the next appends of this type in the server's place. */
function refusing(type: string, error: string, times: number) {
  const meddling = {
    left: times,
    entries: [] as unknown[],
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (typeOf(frame) !== type) return frame;
      meddling.entries.push(frame['entry']);
      if (meddling.left-- <= 0) return frame;
      queueMicrotask(() => meddling.inject({ re: frame['id'], error: { code: error, message: error } }));
      return null;
    },
  };
  return meddling;
}

async function bobIn(network: Network, meddling: ReturnType<typeof refusing>) {
  const alice = await connectMeddled(network, 'alice');
  await alice.client.createRoom('lobby');
  const bob = await connectMeddled(network, 'bob', meddling, { speed: 10 });
  meddling.inject = bob.inject;
  await bob.client.joinRoom('lobby');
  await bob.event(({ kind }) => kind === 'ready');
  return { alice, bob };
}

test('a message whose view has become too old is signed anew, and said once', async () => {
  await using network = await Network.start();
  const meddling = refusing('message', 'stale-view', 2);
  const { alice, bob } = await bobIn(network, meddling);
  await bob.client.send('lobby', 'patience');
  await alice.read('patience');
  expect(new Set(meddling.entries.map((entry) => JSON.stringify(entry))).size).toBe(3);
  expect(alice.texts('lobby')).toEqual(['patience']);
});

test('a message that the server holds against another log is given back', async () => {
  await using network = await Network.start();
  const { alice, bob } = await bobIn(network, refusing('message', 'other-log', 1));
  await expect(bob.client.send('lobby', 'to whom?')).rejects.toThrow(code('other-log'));
  await bob.client.send('lobby', 'next');
  await alice.read('next');
  expect(alice.texts('lobby')).toEqual(['next']);
});

test('a decision is signed anew once the log has gone on, and not before', async () => {
  await using network = await Network.start();
  const meddling = refusing('leave', 'stale-view', 1);
  const { alice, bob } = await bobIn(network, meddling);
  const leaving = bob.client.leaveRoom('lobby');
  await expect.poll(() => meddling.entries.length).toBe(1);
  await alice.client.send('lobby', 'the log goes on');
  await leaving;
  expect(meddling.entries).toHaveLength(2);
  expect(bob.client.rooms()).toEqual([]);
});
