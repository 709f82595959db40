/** Author views: the server compares them with its log. */
import { type EntryType, limits } from '@chat/protocol';
import { expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import { LogView } from '../../../src/domain/entry-rules/log-view.ts';
import { epoch, giveRole, invite, leave, message, newCid, remove } from '../../support/entries.ts';
import { outcomeOf, type TestClient } from '../../support/test-client.ts';
import { type Citizen, room, testServer } from '../../support/test-server.ts';
import { noHash, viewAt } from '../../support/views.ts';
import { wrapsFor } from '../../support/wraps.ts';

const roomy = { limits: { requestBurst: 100_000, byteBurst: 1e9 } };

const append = (client: TestClient, id: string, entry: ReturnType<typeof message>, cid = newCid()) =>
  outcomeOf(client.request('append', { room: id, cid, entry }));

const say = (client: TestClient, who: Citizen, id: string, head: { seq: number; hash: string }) =>
  append(client, id, message(who, id, 1, 'token', head));

/** Appends messages in view of the log's end at position `head`. */
async function fill(client: TestClient, who: Citizen, { id, head }: { id: string; head: number }, count: number) {
  const sent = Array.from({ length: count }, () => say(client, who, id, viewAt(id, head)));
  expect(new Set(await Promise.all(sent))).toEqual(new Set(['ok']));
}

test('refuses a message for another log, or for more entries than this log has', async () => {
  await using at = await testServer(roomy);
  const alice = await at.citizen('alice');
  const client = await at.login(alice);
  const { id, head } = await room('den', [{ who: alice, client }]);
  const { id: other } = await room('attic', [{ who: alice, client }]);
  for (let seq = 1; seq <= head; seq++) expect(await say(client, alice, id, viewAt(id, seq))).toBe('ok');
  for (const wrong of [
    { seq: head, hash: noHash },
    { seq: head, hash: viewAt(id, head - 1).hash },
    viewAt(other, head),
    // A view of the message's own position, and of one beyond it.
    { seq: 5, hash: viewAt(id, 4).hash },
    { seq: 6, hash: viewAt(id, 4).hash },
    { seq: 5, hash: viewAt(id, 1).hash },
  ]) {
    expect(await say(client, alice, id, wrong), JSON.stringify(wrong)).toBe('other-log');
  }
  expect(await say(client, alice, id, viewAt(id, 4))).toBe('ok');
});

test('checks the view of every entry that has one', async () => {
  await using at = await testServer(roomy);
  const [alice, bob, carol] = [await at.citizen('alice'), await at.citizen('bob'), await at.citizen('carol')];
  const [aliceClient, bobClient] = [await at.login(alice), await at.login(bob)];
  const { id, head } = await room('den', [
    { who: alice, client: aliceClient },
    { who: bob, client: bobClient },
  ]);
  // No watched log has these positions, so the views of these entries have a hash of zeros.
  const elsewhere = { about: bob, seq: head + 100 };
  const key = { number: 2, answers: 2, reason: 'age', wraps: wrapsFor(alice) } as const;
  const entries = [
    leave(alice, id, head + 100),
    remove(alice, id, elsewhere),
    giveRole(alice, id, 'moderator', elsewhere),
    invite(alice, id, { about: carol, seq: head + 100 }),
    message(alice, id, 1, 'token', { seq: 1, hash: noHash }),
  ];
  for (const entry of entries) expect(await append(aliceClient, id, entry), entry.type).toBe('other-log');
  expect(await append(aliceClient, id, epoch(alice, id, key))).toBe('epoch-conflict');
  expect(await append(aliceClient, id, epoch(alice, id, { ...key, head: { seq: 1, hash: noHash } }))).toBe('other-log');
});

test('accepts a message whose view is 4095 entries old, and none that is older, also after a restart', async () => {
  const disk = new MemoryDisk();
  const first = await testServer({ ...roomy, store: createMemoryStore(disk) });
  const alice = await first.citizen('alice');
  const client = await first.login(alice);
  const { id, head } = await room('den', [{ who: alice, client }]);
  const oldest = viewAt(id, head);
  await fill(client, alice, { id, head }, limits.messageViewEntries - 1 - 5);
  await first[Symbol.asyncDispose]();

  // The server has read only the latest hashes when it loaded the room.
  await using at = await testServer({ ...roomy, store: createMemoryStore(disk) });
  const again = await at.login(alice);
  expect(await say(again, alice, id, viewAt(id, disk.rooms.get(id)?.head ?? 0))).toBe('ok');
  expect(await append(again, id, invite(alice, id, { about: alice, seq: head }))).toBe('stale-view');
  expect(await say(again, alice, id, { ...oldest, hash: noHash })).toBe('other-log');
  expect(await Promise.all(Array.from({ length: 4 }, () => say(again, alice, id, oldest)))).toEqual(
    Array(4).fill('ok'),
  );
  expect(await say(again, alice, id, viewAt(id, head - 1))).toBe('stale-view');
  expect(await say(again, alice, id, oldest)).toBe('ok');
  expect(await say(again, alice, id, oldest)).toBe('stale-view');
  expect(await say(again, alice, id, viewAt(id, head + 1))).toBe('ok');
});

test('accepts a decision whose view is 511 entries old, and none that is older', async () => {
  await using at = await testServer(roomy);
  const [alice, bob] = [await at.citizen('alice'), await at.citizen('bob')];
  const client = await at.login(alice);
  const { id, head } = await room('den', [{ who: alice, client }]);
  const decision = invite(alice, id, { about: bob, seq: head });
  await fill(client, alice, { id, head }, limits.viewEntries);
  expect(await append(client, id, decision)).toBe('stale-view');
  expect(await append(client, id, invite(alice, id, { about: bob, seq: head + 1 }))).toBe('ok');
});

test('has the latest 512 positions in view at every length of the log, and of a message the latest 4096', () => {
  const view = new LogView(noHash, 0, []);
  const hashes: string[] = [];
  const see = (type: EntryType, seq: number) => () => view.require(type, { seq, hash: hashes[seq - 1] ?? '' });
  for (let head = 1; head <= 2 * limits.messageViewEntries; head++) {
    hashes.push(view.add('message', String(head).padStart(64, '0')));
    for (const [type, bound] of [
      ['leave', limits.viewEntries],
      ['message', limits.messageViewEntries],
    ] as const) {
      see(type, head)();
      see(type, Math.max(1, head - bound + 1))();
      if (head > bound) expect(see(type, head - bound)).toThrow(`made ${bound} entries ago`);
    }
  }
});

test('knows the log hash of the latest 512 positions, and of none beyond the head', () => {
  const view = new LogView(noHash, 0, []);
  const empty = view.hashAt(0);
  expect([empty?.length, view.hashAt(1)]).toEqual([64, null]);
  const hashes = Array.from({ length: limits.viewEntries + 1 }, (_, index) =>
    view.add('message', String(index).padStart(64, '0')),
  );
  const head = hashes.length;
  expect([0, 1, 2, head, head + 1, head + 2].map((seq) => view.hashAt(seq))).toEqual([
    empty,
    null,
    hashes[1],
    hashes[head - 1],
    null,
    null,
  ]);
});

test('answers a repeat although its view has become stale', async () => {
  await using at = await testServer(roomy);
  const alice = await at.citizen('alice');
  const client = await at.login(alice);
  const { id, head } = await room('den', [{ who: alice, client }]);
  const cid = newCid();
  const entry = message(alice, id, 1, 'once', viewAt(id, head));
  const place = await client.request('append', { room: id, cid, entry });
  await fill(client, alice, { id, head }, limits.messageViewEntries - 1);
  expect(await say(client, alice, id, viewAt(id, head))).toBe('stale-view');
  expect(await client.request('append', { room: id, cid, entry })).toEqual(place);
});
