/** Rooms, entries, epochs and repeated requests over the chat port. */
import { entryHash, toBase64url } from '@chat/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { defaultLimits } from '../../src/index.ts';
import { create, epoch, fieldsOf, join, leave, message, newCid, signed } from '../support/entries.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import { type Citizen, room, type TestServer, testServer } from '../support/test-server.ts';
import { noHash } from '../support/views.ts';
import { putWraps, wrapsFor } from '../support/wraps.ts';

let at: TestServer;
let alice: Citizen;
let bob: Citizen;
let aliceClient: TestClient;
let bobClient: TestClient;

beforeEach(async () => {
  at = await testServer({ limits: { requestBurst: 10_000 } });
  [alice, bob] = [await at.citizen('alice'), await at.citizen('bob')];
  [aliceClient, bobClient] = [await at.login(alice), await at.login(bob)];
});
afterEach(() => at[Symbol.asyncDispose]());

const append = (client: TestClient, id: string, entry: ReturnType<typeof message>, cid = newCid()) =>
  client.request('append', { room: id, cid, entry });

describe('rooms', () => {
  test('can be created, found, listed and joined, and close after the last leave', async () => {
    const { entry, room: id } = create(alice, 'den');
    expect(await aliceClient.request('create-room', { cid: newCid(), entry })).toMatchObject({ seq: 1 });
    expect(await bobClient.request('find-room', { name: 'den' })).toMatchObject({
      room: id,
      name: 'den',
      members: 1,
      joined: false,
      head: 1,
    });
    expect(await append(bobClient, id, join(bob, id))).toMatchObject({ seq: 2 });
    expect(await bobClient.request('find-room', { name: 'den' })).toMatchObject({ members: 2, joined: true, head: 2 });
    expect((await aliceClient.request('list-rooms', {})).rooms).toMatchObject([
      { name: 'den', members: 2, joined: true },
    ]);

    await append(aliceClient, id, leave(alice, id, 1));
    expect((await aliceClient.request('list-rooms', {})).rooms).toMatchObject([
      { name: 'den', members: 1, joined: false },
    ]);
    await append(bobClient, id, leave(bob, id, 2));
    expect(await outcomeOf(aliceClient.request('find-room', { name: 'den' }))).toBe('unknown-room');
    expect(await outcomeOf(append(aliceClient, id, join(alice, id, 4)))).toBe('unknown-room');
    await aliceClient.request('create-room', { cid: newCid(), entry: create(alice, 'den').entry });
  });

  test('are listed in pages', async () => {
    for (let index = 100; index < 205; index++) {
      await aliceClient.request('create-room', { cid: newCid(), entry: create(alice, `room-${index}`).entry });
      // Sixty an hour is the default.
      if (index === 159) break;
    }
    expect(
      await outcomeOf(aliceClient.request('create-room', { cid: newCid(), entry: create(alice, 'more').entry })),
    ).toBe('limit-reached');
    for (let index = 160; index < 205; index++) {
      await bobClient.request('create-room', { cid: newCid(), entry: create(bob, `room-${index}`).entry });
    }
    const first = await aliceClient.request('list-rooms', {});
    expect(first.rooms).toHaveLength(100);
    expect(first.more).toBe(true);
    const rest = await aliceClient.request('list-rooms', { after: 'room-199' });
    expect(rest.rooms.map(({ name }) => name)).toEqual(['room-200', 'room-201', 'room-202', 'room-203', 'room-204']);
    expect(rest.more).toBe(false);
  });

  test('have different names, also when two are created at once', async () => {
    const outcomes = await Promise.all([
      outcomeOf(aliceClient.request('create-room', { cid: newCid(), entry: create(alice, 'den').entry })),
      outcomeOf(bobClient.request('create-room', { cid: newCid(), entry: create(bob, 'den').entry })),
    ]);
    expect(outcomes.sort()).toEqual(['ok', 'room-name-taken']);
    const { entry, room: id } = create(alice, 'attic');
    await aliceClient.request('create-room', { cid: newCid(), entry });
    expect(await outcomeOf(aliceClient.request('create-room', { cid: newCid(), entry }))).toBe('entry-refused');
    expect(await outcomeOf(append(aliceClient, '0'.repeat(64), message(alice, '0'.repeat(64), 1)))).toBe(
      'unknown-room',
    );
    expect(await outcomeOf(append(aliceClient, id, entry))).toBe('entry-refused');
  });
});

describe('entries', () => {
  test('are refused when the key, author, room, type or form is wrong', async () => {
    const { id } = await room('den', [{ who: alice, client: aliceClient }]);
    const { id: other } = await room('attic', [{ who: alice, client: aliceClient }]);
    const good = join(bob, id);
    const refused = (entry: typeof good) => outcomeOf(append(bobClient, id, entry));
    expect(await refused(join(alice, id))).toBe('entry-refused');
    expect(await refused(join({ user: 'alice', signer: bob.signer }, id))).toBe('entry-refused');
    expect(await refused(join({ user: 'bob', signer: alice.signer }, id))).toBe('entry-refused');
    expect(await refused(join(bob, other))).toBe('entry-refused');
    expect(await refused({ ...good, payload: Uint8Array.of(...good.payload, 0) })).toBe('entry-refused');
    expect(await refused({ ...good, type: 'leave' })).toBe('entry-refused');
    expect(await refused({ ...good, signature: new Uint8Array(0) })).toBe('malformed-request');
    expect(await refused({ ...good, by: alice.signer.fingerprint })).toBe('entry-refused');
    expect(await refused(join(bob, id, 999))).toBe('entry-refused');
    // The signature is valid, the schema is not.
    const odd = signed<'join'>(bob, { ...fieldsOf(good.payload), v: 2 });
    expect(await refused(odd)).toBe('entry-refused');
    const keyless = { ...fieldsOf(good.payload), key: toBase64url(alice.signer.publicKey) };
    expect(await refused(signed<'join'>(bob, keyless))).toBe('entry-refused');
    const long = signed<'join'>(bob, { ...fieldsOf(good.payload), more: 'x'.repeat(5_000) });
    expect(await refused(long)).toBe('entry-refused');
    expect(await refused(good)).toBe('ok');
    expect(await refused(good)).toBe('already-a-member');
  });

  test('are refused from a user who is not a member', async () => {
    const { id } = await room('den', [{ who: alice, client: aliceClient }]);
    expect(await outcomeOf(append(bobClient, id, message(bob, id, 1)))).toBe('not-a-member');
    expect(await outcomeOf(append(bobClient, id, leave(bob, id, 1)))).toBe('not-a-member');
    expect(await outcomeOf(append(bobClient, id, epoch(bob, id, { number: 2, answers: 1, wraps: [] })))).toBe(
      'not-a-member',
    );
  });

  test('are refused when they are a join or leave of an earlier membership', async () => {
    const { id } = await room('den', [
      { who: alice, client: aliceClient },
      { who: bob, client: bobClient },
    ]);
    await append(bobClient, id, leave(bob, id, 3));
    expect(await outcomeOf(append(bobClient, id, join(bob, id, 3)))).toBe('entry-refused');
    await append(bobClient, id, join(bob, id, 4));
    expect(await outcomeOf(append(bobClient, id, leave(bob, id, 3)))).toBe('entry-refused');
    await append(bobClient, id, leave(bob, id, 5));
  });

  test('admit a key under one of its names only', async () => {
    const carol = await at.citizen('carol', alice.signer);
    const { id } = await room('den', [{ who: alice, client: aliceClient }]);
    expect(await outcomeOf(append(await at.login(carol), id, join(carol, id)))).toBe('already-a-member');
  });
});

describe('epochs', () => {
  test('allow messages after the first one, under the latest one, and not after a leave', async () => {
    const { entry, room: id } = create(alice, 'den');
    await aliceClient.request('create-room', { cid: newCid(), entry });
    expect(await outcomeOf(append(aliceClient, id, message(alice, id, 1)))).toBe('rekey-pending');

    const own = { who: alice, client: aliceClient };
    const put = async (fields: Parameters<typeof epoch>[2]) => {
      await putWraps(own, { room: id, ...fields });
      const entry = epoch(alice, id, fields);
      await append(aliceClient, id, entry);
      return entryHash(entry);
    };
    const first = await put({ number: 1, answers: 1, wraps: wrapsFor(alice) });
    await append(aliceClient, id, message(alice, id, 1));
    expect(await outcomeOf(append(aliceClient, id, message(alice, id, 2)))).toBe('stale-epoch');

    // A join does not stop messages.
    await append(bobClient, id, join(bob, id));
    await append(aliceClient, id, message(alice, id, 1));
    const second = await put({ number: 2, previous: first, answers: 4, kind: 'step', wraps: wrapsFor(bob) });
    expect(await outcomeOf(append(aliceClient, id, message(alice, id, 1)))).toBe('stale-epoch');
    await append(bobClient, id, message(bob, id, 2));

    await append(bobClient, id, leave(bob, id, 7));
    expect(await outcomeOf(append(aliceClient, id, message(alice, id, 2)))).toBe('rekey-pending');
    await put({ number: 3, previous: second, answers: 8, wraps: wrapsFor(alice) });
    await append(aliceClient, id, message(alice, id, 3));
    const all = { room: id, from: 1, to: 9 };
    expect((await aliceClient.request('get-wraps', all)).wraps.map(({ number }) => number)).toEqual([1, 3]);
    expect(await outcomeOf(bobClient.request('get-wraps', all))).toBe('not-a-member');
  });

  test('are refused unless they follow the latest one', async () => {
    const { id, key, head } = await room('den', [{ who: alice, client: aliceClient }]);
    const previous = entryHash(key);
    await append(bobClient, id, join(bob, id));
    const wraps = wrapsFor(alice, bob);
    await putWraps({ who: alice, client: aliceClient }, { room: id, number: 2, wraps });
    const answers = head + 1;
    const attempt = (fields: object) =>
      outcomeOf(append(aliceClient, id, epoch(alice, id, { number: 2, previous, answers, wraps, ...fields })));
    expect(await attempt({ number: 1 })).toBe('epoch-conflict');
    expect(await attempt({ number: 3 })).toBe('epoch-conflict');
    expect(await attempt({ previous: noHash })).toBe('epoch-conflict');
    expect(await attempt({ answers: 1 })).toBe('epoch-conflict');
    // An attempt uses up the staged wraps.
    expect(await attempt({})).toBe('wraps-mismatch');
    await putWraps({ who: alice, client: aliceClient }, { room: id, number: 2, wraps });
    expect(await attempt({})).toBe('ok');

    await append(bobClient, id, leave(bob, id, answers));
    const step = epoch(alice, id, { number: 3, previous, answers: answers + 2, kind: 'step', wraps: [] });
    expect(await outcomeOf(append(aliceClient, id, step))).toBe('epoch-conflict');
  });

  test('are accepted from one of two hubs that race', async () => {
    const { id, head, key } = await room('den', [
      { who: alice, client: aliceClient },
      { who: bob, client: bobClient },
    ]);
    const previous = entryHash(key);
    for (let number = 2, hash = previous; number < 2 + defaultLimits.unforcedEpochsPerHour; number++) {
      const race = [
        { who: alice, client: aliceClient },
        { who: bob, client: bobClient },
      ].map(async ({ who, client }) => {
        const wraps = wrapsFor(alice, bob);
        const entry = epoch(who, id, { number, previous: hash, answers: head - 1, reason: 'age', wraps });
        await putWraps({ who, client }, { room: id, number, wraps });
        return { code: await outcomeOf(append(client, id, entry)), hash: entryHash(entry) };
      });
      const outcomes = await Promise.all(race);
      expect(outcomes.map(({ code }) => code).sort()).toEqual(['epoch-conflict', 'ok']);
      hash = outcomes.find(({ code }) => code === 'ok')?.hash ?? '';
    }
  });
});

describe('a repeated request', () => {
  test('gets the first result, whatever was appended in between', async () => {
    const { id } = await room('den', [{ who: alice, client: aliceClient }]);
    const cid = newCid();
    const entry = message(alice, id, 1);
    const first = await append(aliceClient, id, entry, cid);
    await append(aliceClient, id, message(alice, id, 1));
    expect(await append(aliceClient, id, entry, cid)).toEqual(first);
    // Also when a new request would be refused now.
    await append(bobClient, id, join(bob, id));
    await append(bobClient, id, leave(bob, id, 5));
    expect(await outcomeOf(append(aliceClient, id, message(alice, id, 1)))).toBe('rekey-pending');
    expect(await append(aliceClient, id, entry, cid)).toEqual(first);
    const { id: other } = await room('attic', [{ who: alice, client: aliceClient }]);
    expect(await outcomeOf(append(aliceClient, other, message(alice, other, 1), cid))).toBe('malformed-request');
  });

  test('gets the first result when it races with the first request', async () => {
    const { id, head } = await room('den', [{ who: alice, client: aliceClient }]);
    const second = await at.login(alice);
    const cid = newCid();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        append(index % 2 ? aliceClient : second, id, message(alice, id, 1), cid),
      ),
    );
    expect(new Set(results.map(({ seq }) => seq))).toEqual(new Set([head + 1]));
    expect(await append(aliceClient, id, message(alice, id, 1))).toMatchObject({ seq: head + 2 });
  });

  test('gets the first result for a new room, and after a restart', async () => {
    const disk = new MemoryDisk();
    const { entry } = create(alice, 'den');
    const cid = newCid();
    const outcomes: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      await using server = await testServer({ store: createMemoryStore(disk) });
      const client = await server.login(await server.citizen('alice', alice.signer));
      for (const _ of [1, 2]) outcomes.push(await client.request('create-room', { cid, entry }));
    }
    expect(outcomes).toEqual(Array(4).fill(outcomes[0]));
  });
});
