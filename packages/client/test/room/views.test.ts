/** The server's answers to an author view: one that is too old is retried, one of another log is reported. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { Signal } from '../support/signal.ts';
import { type Frame, joined, lobbyOf } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const typeOf = (frame: Frame) => (frame['entry'] as Frame | undefined)?.['type'];

/** Answers the next appends of this type instead of the server. */
function refusing(type: string, error: string, times: number) {
  const tampering = {
    left: times,
    first: new Signal(),
    entries: [] as unknown[],
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (typeOf(frame) !== type) return frame;
      tampering.entries.push(frame['entry']);
      tampering.first.raise();
      if (tampering.left-- <= 0) return frame;
      queueMicrotask(() => tampering.inject({ re: frame['id'], error: { code: error, message: error } }));
      return null;
    },
  };
  return tampering;
}

async function bobIn(network: TestNetwork, tampering: ReturnType<typeof refusing>) {
  const [alice] = await lobbyOf(network, 'alice');
  const bob = await joined(network, 'bob', 'lobby', tampering, { speed: 10 });
  return { alice, bob };
}

test('composes a message again if its author view is too old, and sends it once', async () => {
  await using network = await TestNetwork.start();
  const tampering = refusing('message', 'stale-view', 2);
  const { alice, bob } = await bobIn(network, tampering);
  await bob.client.send('lobby', 'composed again');
  await alice.read('composed again');
  expect(new Set(tampering.entries.map((entry) => JSON.stringify(entry))).size).toBe(3);
  expect(alice.texts('lobby')).toEqual(['composed again']);
});

test('sends what an author far behind has written, each message once and in order, with one request at a time', async () => {
  await using network = await TestNetwork.start();
  const tampering = refusing('message', 'stale-view', 4);
  const { alice, bob } = await bobIn(network, tampering);
  const texts = ['one', 'two', 'three'];
  await Promise.all(texts.map((text) => bob.client.send('lobby', text)));
  await alice.read('three');
  expect(alice.texts('lobby')).toEqual(texts);
  expect(tampering.entries).toHaveLength(4 + texts.length);
});

test('gives a message back that the server refuses because of another log', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await bobIn(network, refusing('message', 'other-log', 1));
  expect(await rejectedCode(bob.client.send('lobby', 'refused'))).toBe('other-log');
  await bob.client.send('lobby', 'next');
  await alice.read('next');
  expect(alice.texts('lobby')).toEqual(['next']);
});

test('composes a decision again once the log has grown, and not before', async () => {
  await using network = await TestNetwork.start();
  const tampering = refusing('leave', 'stale-view', 1);
  const { alice, bob } = await bobIn(network, tampering);
  const leaving = bob.client.leaveRoom('lobby');
  await tampering.first.raised;
  await alice.client.send('lobby', 'the log goes on');
  await leaving;
  expect(tampering.entries).toHaveLength(2);
  expect(bob.client.rooms()).toEqual([]);
});
