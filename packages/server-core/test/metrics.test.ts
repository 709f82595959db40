/** What a server reports to its metrics, and what it shows of itself, over real connections. */
import { connect as connectPlain } from 'node:net';
import { expect, test } from 'vitest';
import { type Metrics, noMetrics } from '../src/ports/metrics.ts';
import { message, newCid } from './support/entries.ts';
import { outcomeOf } from './support/test-client.ts';
import { room, testServer } from './support/test-server.ts';

/** Keeps each call but that of the clock, as words. */
function kept(): { readonly metrics: Metrics; readonly calls: string[] } {
  const calls: string[] = [];
  const keep =
    (name: string) =>
    (...args: readonly unknown[]) =>
      void calls.push([name, ...args].join(' '));
  return {
    calls,
    metrics: {
      ...noMetrics,
      connected: keep('connected'),
      handshakeFailed: keep('handshakeFailed'),
      dropped: keep('dropped'),
      ended: keep('ended'),
      answered: (op, code) => void calls.push(`answered ${op} ${code}`),
      fannedOut: (pushes, _bytes, readers) => void calls.push(`fannedOut ${pushes} to ${readers}`),
    },
  };
}

test('connections, requests, refusals and fan-out reach the metrics, and no name does', async () => {
  const { metrics, calls } = kept();
  await using at = await testServer({ metrics });
  const alice = await at.member('alice');
  const bob = await at.member('bob');
  expect(calls).toEqual(Array(2).fill(['connected chat', 'answered login null']).flat());

  const { id } = await room('lobby', [alice, bob]);
  for (const { client } of [alice, bob]) await client.request('subscribe', { room: id, after: 0 });
  await Promise.all([alice, bob].map(({ client }) => client.until(() => client.positions(id).length >= 3)));
  calls.length = 0;
  // Until both have caught up, so that the broadcast reaches them.
  const reachesBoth = () => calls.some((call) => /^fannedOut \d+ to 2$/.test(call));
  for (let seq = 4; !reachesBoth(); seq++) {
    await alice.client.request('append', { room: id, cid: newCid(), entry: message(alice.who, id, 1) });
    await bob.client.until(() => bob.client.positions(id).includes(seq));
  }
  expect(calls).toContain('answered append null');
  expect(await outcomeOf(bob.client.ask('a name of a client', {}))).toBe('unknown-operation');
  expect(calls.at(-1)).toBe('answered unknown unknown-operation');
  expect(calls.join()).not.toMatch(/alice|bob|lobby|127\.0\.0\.1/);
});

test('a failed handshake and a connection that the server ends reach the metrics', async () => {
  const { metrics, calls } = kept();
  await using at = await testServer({ metrics });
  const closed = new Promise((resolve) => {
    const socket = connectPlain(at.server.chatAddress.port, '127.0.0.1').on('error', () => {});
    socket.write('no handshake');
    socket.resume().once('close', resolve);
  });
  await closed;
  expect(calls).toEqual(['handshakeFailed chat']);
  const client = await at.connectToEnrol();
  client.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0]));
  const code = await client.ending();
  expect(calls.slice(1)).toEqual(['connected enrolment', `ended enrolment ${code}`]);
});

test('a server shows its connections, and whether both ports accept more', async () => {
  const at = await testServer();
  expect(at.server).toMatchObject({ listening: true, connections: 0, waitingConnections: 0, queuedBytes: 0 });
  const client = await at.connect(await at.citizen('alice'));
  await client.first('hello');
  expect(at.server).toMatchObject({ connections: 0, waitingConnections: 1 });
  await at.member('bob');
  expect(at.server).toMatchObject({ connections: 1, waitingConnections: 1 });
  const closing = at.server.close();
  expect(at.server.listening).toBe(false);
  await closing;
  await at[Symbol.asyncDispose]();
});
