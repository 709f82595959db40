/** A server that deletes old messages, as its members and newcomers meet it. */
import { limits } from '@chat/protocol';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { isReady, isRoomEvent } from '../support/events.ts';
import { connectClient, joined } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const hashesOf = (event: ClientEvent) =>
  event.kind === 'room' && event.event.kind === 'gap' ? event.event.hashes : [];

test('is no alarm: a member who was away and a newcomer read the rest, and the room goes on', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('library', { join: 'open', history: 'all' });
  await alice.event(isReady);
  const away = await joined(network, 'bob', 'library');
  await away.client.close();
  for (let index = 0; index < 3; index++) await alice.client.send('library', `old ${index}`);
  const last = limits.keptEntries - 1;
  for (let index = 0; index <= last; index++) await alice.client.send('library', `new ${index}`);
  const roomId = alice.client.room('library')?.roomId ?? '';
  const swept = await network.server.setRetention(roomId, { ageMs: null, messages: limits.keptEntries, bytes: null });
  expect(swept).toMatchObject({ messages: 3 });

  const bob = await away.restart();
  await bob.read(`new ${last}`);
  const carol = await joined(network, 'carol', 'library');
  await carol.read(`new ${last}`);
  const gone = { event: { kind: 'gap', cause: 'expired', stops: false } };
  const kept = Array.from({ length: last + 1 }, (_, index) => `new ${index}`);
  for (const reader of [bob, carol]) {
    expect(reader.texts('library').slice(-kept.length)).toEqual(kept);
    const gaps = reader.events.filter(isRoomEvent('gap'));
    expect(gaps[0]).toMatchObject(gone);
    expect(gaps.flatMap(hashesOf)).toHaveLength(3);
  }
  await carol.client.send('library', 'from carol');
  await Promise.all([alice, bob].map((reader) => reader.read('from carol')));
  await bob.client.send('library', 'from bob');
  await Promise.all([alice, carol].map((reader) => reader.read('from bob')));
  for (const { events } of [alice, bob, carol]) {
    expect(events.filter(isRoomEvent('violation'))).toEqual([]);
    expect(events.filter(isRoomEvent('unreadable'))).toEqual([]);
  }
});
