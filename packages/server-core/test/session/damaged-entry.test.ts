/** A row that was damaged on the disk: readers learn that the server has lost it, and the operator learns which. */
import { entryHash } from '@chat/protocol';
import { expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { message, newCid } from '../support/entries.ts';
import { room, testServer } from '../support/test-server.ts';

test('is not sent, but a gap with its hash in its place; it is logged once, and the room goes on', async () => {
  const disk = new MemoryDisk();
  await using at = await testServer({ store: createMemoryStore(disk) });
  const [alice, bob] = [await at.member('alice'), await at.member('bob')];
  const { id, head } = await room('den', [alice, bob]);
  const say = (text: string) =>
    alice.client.request('append', { room: id, cid: newCid(), entry: message(alice.who, id, 1, text) });
  await say('spoilt');
  await say('sound');
  const log = disk.logs.get(id) ?? [];
  const spoilt = log[head];
  if (spoilt === undefined) throw new Error();
  const payload = spoilt.entry.payload.map((byte, at) => (at === 44 ? byte ^ 1 : byte));
  log.splice(head, 1, { ...spoilt, entry: { ...spoilt.entry, payload } });

  for (const { client } of [bob, alice]) {
    await client.request('subscribe', { room: id, after: 0 });
    await client.first('caught-up');
    expect(client.positions(id)).toEqual(Array.from({ length: head + 2 }, (_, index) => index + 1));
    const hash = entryHash(message(alice.who, id, 1, 'spoilt'));
    expect(client.all('gap')).toEqual([
      { push: 'gap', room: id, seq: head + 1, hash, type: 'message', cause: 'damaged' },
    ]);
  }
  expect(at.log.lines.filter(({ fields }) => 'damaged' in fields).map(({ level }) => level)).toEqual(['error']);
  await say('later');
  await bob.client.until(() => bob.client.positions(id).includes(head + 3));
});

test('a missing row is a gap without a hash, so that no reader takes the next entry for one out of order', async () => {
  const disk = new MemoryDisk();
  await using at = await testServer({ store: createMemoryStore(disk) });
  const [alice, bob] = [await at.member('alice'), await at.member('bob')];
  const { id, head } = await room('den', [alice, bob]);
  for (const text of ['lost', 'kept']) {
    await alice.client.request('append', { room: id, cid: newCid(), entry: message(alice.who, id, 1, text) });
  }
  const log = disk.logs.get(id) ?? [];
  log.splice(head, 1);
  await bob.client.request('subscribe', { room: id, after: 0 });
  await bob.client.first('caught-up');
  expect(bob.client.all('gap')).toEqual([
    { push: 'gap', room: id, seq: head + 1, hash: null, type: null, cause: 'damaged' },
  ]);
  expect(bob.client.positions(id)).toEqual(Array.from({ length: head + 2 }, (_, index) => index + 1));
});
