/** Deletion of old messages, and the bounds of what is stored. */
import { limits } from '@chat/protocol';
import { expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import type { RetentionBounds } from '../../src/index.ts';
import { rowBytes } from '../../src/throttle/stored-bytes.ts';
import { join, message, newCid } from '../support/entries.ts';
import { outcomeOf, positionsOf } from '../support/test-client.ts';
import { type Member, room, type TestServer, testServer } from '../support/test-server.ts';
import { viewAt } from '../support/views.ts';

const none: RetentionBounds = { ageMs: null, messages: null, bytes: null };
const hourMs = 60 * 60_000;

/** Sends messages. Returns the position of the last one. */
async function say({ who, client }: Member, id: string, count: number, text = 'text', seen = 1): Promise<number> {
  const view = viewAt(id, seen);
  const places = await Promise.all(
    Array.from({ length: count }, () =>
      client.request('append', { room: id, cid: newCid(), entry: message(who, id, 1, text, view) }),
    ),
  );
  return Math.max(...places.map(({ seq }) => seq));
}

/** Follows a room from its beginning and returns what came in place of its messages. */
async function read({ client }: Member, id: string): Promise<Record<'entry' | 'gap' | 'stubs', number>> {
  await client.request('subscribe', { room: id, after: 0 });
  await client.first('caught-up');
  const kinds = ['entry', 'gap', 'stubs'] as const;
  return Object.fromEntries(kinds.map((kind) => [kind, client.all(kind).flatMap(positionsOf).length])) as Record<
    (typeof kinds)[number],
    number
  >;
}

test('a deleted message is sent as a gap with its hash, and as a stub to a member who may not read it', async () => {
  await using at = await testServer();
  const alice = await at.member('alice');
  const { id, head } = await room('den', [alice]);
  await say(alice, id, limits.keptEntries + 5);
  expect(await at.server.setRetention(id, { ...none, messages: 1 })).toMatchObject({ messages: 5 });
  expect(await at.server.setRetention('f'.repeat(64), none)).toBeNull();
  expect(await read(alice, id)).toEqual({ entry: limits.keptEntries + head, gap: 5, stubs: 0 });
  const [first] = alice.client.all('gap');
  const { hash } = (await at.store.read(id, head, 1, 1e9))[0] ?? {};
  expect(first).toEqual({ push: 'gap', room: id, seq: head + 1, hash, type: 'message', cause: 'expired' });

  const bob = await at.member('bob');
  const after = head + limits.keptEntries + 5;
  await bob.client.request('append', { room: id, cid: newCid(), entry: join(bob.who, id, after) });
  expect(await read(bob, id)).toMatchObject({ gap: 0, stubs: limits.keptEntries + 5 });
  expect(at.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a start deletes what is beyond the bounds of the server, except in rooms with bounds of their own', async () => {
  const disk = new MemoryDisk();
  let now = Date.now();
  const start = (retention?: RetentionBounds) =>
    testServer({
      ...{ store: createMemoryStore(disk), clock: () => now, limits: { requestBurst: 10_000 } },
      ...(retention && { retention }),
    });
  const kept = async (at: TestServer) =>
    Object.fromEntries((await at.store.roomUsage(null, 10)).map(({ name, deleted }) => [name, deleted]));
  let rooms: string[] = [];
  {
    await using at = await start();
    const alice = await at.member('alice');
    rooms = [(await room('den', [alice])).id, (await room('archive', [alice])).id];
    for (const id of rooms) {
      const seen = await say(alice, id, 400);
      await say(alice, id, limits.keptEntries + 200, 'text', seen);
    }
    await at.server.setRetention(rooms[1] ?? '', { ...none, ageMs: 0 });
  }
  now += 2 * hourMs;
  await using at = await start({ ...none, ageMs: hourMs });
  await expect.poll(() => kept(at), { timeout: 60_000 }).toEqual({ den: 600, archive: 0 });
});

test('messages beyond the bytes of a room or of all are refused with a code each, until old ones are deleted', async () => {
  const perMessage = { bytes: 0 };
  {
    await using at = await testServer();
    const alice = await at.member('alice');
    const { id } = await room('den', [alice]);
    await say(alice, id, 1, 'x'.repeat(2_000));
    perMessage.bytes = ((await at.store.messagesOf(id))?.bytes ?? 0) + rowBytes;
  }
  const messages = limits.keptEntries + 10;
  const bound = perMessage.bytes * messages + 100;
  await using at = await testServer({ limits: { messageBytesPerRoom: bound, messageBytes: bound + 3_000 } });
  const alice = await at.member('alice');
  const { id } = await room('den', [alice]);
  const { id: other } = await room('attic', [alice]);
  const long = 'x'.repeat(2_000);
  await say(alice, id, messages, long);
  expect(await outcomeOf(say(alice, id, 1, long))).toBe('room-storage-full');
  await say(alice, other, 1, long);
  expect(await outcomeOf(say(alice, other, 1, long))).toBe('storage-full');
  // Entries of other types are accepted.
  const bob = await at.member('bob');
  await bob.client.request('append', { room: id, cid: newCid(), entry: join(bob.who, id) });
  await bob.client.request('append', { room: other, cid: newCid(), entry: join(bob.who, other) });

  expect(await at.server.setRetention(id, { ...none, messages: limits.keptEntries })).toMatchObject({ messages: 10 });
  // The room waits for a key after the join, so its space is no reason any more.
  expect(await outcomeOf(say(alice, other, 1, long))).not.toBe('storage-full');
});
