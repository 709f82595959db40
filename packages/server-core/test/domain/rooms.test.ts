import { entryHash, toBase64url } from '@chat/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { create, epoch, join, leave, message, newCid, signed, wrapsFor } from '../support/entries.ts';
import { codeOf, type TestClient } from '../support/test-client.ts';
import { type Citizen, certificateFor, room, type TestServer, testServer } from '../support/test-server.ts';
import { noHash } from '../support/views.ts';

let at: TestServer;
let ada: Citizen;
let bob: Citizen;
let adas: TestClient;
let bobs: TestClient;

beforeEach(async () => {
  at = await testServer({ limits: { requestBurst: 10_000 } });
  [ada, bob] = [await at.citizen('ada'), await at.citizen('bob')];
  [adas, bobs] = [await at.login(ada), await at.login(bob)];
});
afterEach(() => at[Symbol.asyncDispose]());

const append = (client: TestClient, id: string, entry: ReturnType<typeof message>, cid = newCid()) =>
  client.request('append', { room: id, cid, entry });

describe('rooms', () => {
  test('are created, found, listed, joined, and closed by the last leave', async () => {
    const { entry, room: id } = create(ada, 'den');
    expect(await adas.request('create-room', { cid: newCid(), entry })).toMatchObject({ seq: 1 });
    expect(await bobs.request('find-room', { name: 'den' })).toMatchObject({
      room: id,
      name: 'den',
      members: 1,
      joined: false,
      head: 1,
    });
    expect(await append(bobs, id, join(bob, id))).toMatchObject({ seq: 2 });
    expect(await bobs.request('find-room', { name: 'den' })).toMatchObject({ members: 2, joined: true, head: 2 });
    expect((await adas.request('list-rooms', {})).rooms).toMatchObject([{ name: 'den', members: 2, joined: true }]);

    await append(adas, id, leave(ada, id, 1));
    expect((await adas.request('list-rooms', {})).rooms).toMatchObject([{ name: 'den', members: 1, joined: false }]);
    await append(bobs, id, leave(bob, id, 2));
    expect(await codeOf(adas.request('find-room', { name: 'den' }))).toBe('unknown-room');
    expect(await codeOf(append(adas, id, join(ada, id, 4)))).toBe('unknown-room');
    await adas.request('create-room', { cid: newCid(), entry: create(ada, 'den').entry });
  });

  test('are listed in pages', async () => {
    for (let index = 100; index < 205; index++) {
      await adas.request('create-room', { cid: newCid(), entry: create(ada, `room-${index}`).entry });
      // sixty an hour is the default
      if (index === 159) break;
    }
    expect(await codeOf(adas.request('create-room', { cid: newCid(), entry: create(ada, 'more').entry }))).toBe(
      'limit-reached',
    );
    for (let index = 160; index < 205; index++) {
      await bobs.request('create-room', { cid: newCid(), entry: create(bob, `room-${index}`).entry });
    }
    const first = await adas.request('list-rooms', {});
    expect(first.rooms).toHaveLength(100);
    expect(first.more).toBe(true);
    const rest = await adas.request('list-rooms', { after: 'room-199' });
    expect(rest.rooms.map(({ name }) => name)).toEqual(['room-200', 'room-201', 'room-202', 'room-203', 'room-204']);
    expect(rest.more).toBe(false);
  });

  test('have one name each, also when two are made at once', async () => {
    const outcomes = await Promise.all([
      codeOf(adas.request('create-room', { cid: newCid(), entry: create(ada, 'den').entry })),
      codeOf(bobs.request('create-room', { cid: newCid(), entry: create(bob, 'den').entry })),
    ]);
    expect(outcomes.sort()).toEqual(['ok', 'room-name-taken']);
    const { entry, room: id } = create(ada, 'attic');
    await adas.request('create-room', { cid: newCid(), entry });
    expect(await codeOf(adas.request('create-room', { cid: newCid(), entry }))).toBe('entry-refused');
    expect(await codeOf(append(adas, '0'.repeat(64), message(ada, '0'.repeat(64), 1)))).toBe('unknown-room');
    expect(await codeOf(append(adas, id, entry))).toBe('entry-refused');
  });
});

describe('entries', () => {
  test('of another key, author, room, type or form are refused', async () => {
    const { id } = await room('den', [{ who: ada, client: adas }]);
    const { id: other } = await room('attic', [{ who: ada, client: adas }]);
    const good = join(bob, id);
    const refused = (entry: typeof good) => codeOf(append(bobs, id, entry));
    expect(await refused(join(ada, id))).toBe('entry-refused');
    expect(await refused(join({ user: 'ada', signer: bob.signer }, id))).toBe('entry-refused');
    expect(await refused(join({ user: 'bob', signer: ada.signer }, id))).toBe('entry-refused');
    expect(await refused(join(bob, other))).toBe('entry-refused');
    expect(await refused({ ...good, payload: `${good.payload} ` })).toBe('entry-refused');
    expect(await refused({ ...good, type: 'leave' })).toBe('entry-refused');
    expect(await refused({ ...good, signature: 'AB' })).toBe('malformed-request');
    expect(await refused({ ...good, by: ada.signer.fingerprint })).toBe('entry-refused');
    expect(await refused(join(bob, id, 999))).toBe('entry-refused');
    // signed well, but not this schema
    const odd = signed<'join'>(bob, { ...JSON.parse(good.payload), v: 2 });
    expect(await refused(odd)).toBe('entry-refused');
    const keyless = { ...JSON.parse(good.payload), key: toBase64url(ada.signer.publicKey) };
    expect(await refused(signed<'join'>(bob, keyless))).toBe('entry-refused');
    expect(await codeOf(append(adas, id, message(ada, other, 1)))).toBe('entry-refused');
    const long = signed<'join'>(bob, { ...JSON.parse(good.payload), at: 1 });
    expect(await refused({ ...long, payload: `${long.payload}${' '.repeat(5_000)}` })).toBe('entry-refused');
    expect(await refused(good)).toBe('ok');
    expect(await refused(good)).toBe('already-a-member');
  });

  test('of a stranger are refused', async () => {
    const { id } = await room('den', [{ who: ada, client: adas }]);
    expect(await codeOf(append(bobs, id, message(bob, id, 1)))).toBe('not-a-member');
    expect(await codeOf(append(bobs, id, leave(bob, id, 1)))).toBe('not-a-member');
    expect(await codeOf(append(bobs, id, epoch(bob, id, { number: 2, answers: 1, wraps: [] })))).toBe('not-a-member');
  });

  test('of a join or leave from an earlier membership are refused, as members would', async () => {
    const { id } = await room('den', [
      { who: ada, client: adas },
      { who: bob, client: bobs },
    ]);
    await append(bobs, id, leave(bob, id, 3));
    expect(await codeOf(append(bobs, id, join(bob, id, 3)))).toBe('entry-refused');
    await append(bobs, id, join(bob, id, 4));
    expect(await codeOf(append(bobs, id, leave(bob, id, 3)))).toBe('entry-refused');
    await append(bobs, id, leave(bob, id, 5));
  });

  test('of one key under two names: one is in the room', async () => {
    const { fingerprint, publicKey: identity } = ada.signer;
    await at.store.register({ user: 'eve', fingerprint, identity, enrolledAt: 1 }, null);
    const eve = { user: 'eve', signer: ada.signer, ...certificateFor({ user: 'eve', fingerprint }) };
    const { id } = await room('den', [{ who: ada, client: adas }]);
    expect(await codeOf(append(await at.login(eve), id, join(eve, id)))).toBe('already-a-member');
  });
});

describe('epochs', () => {
  test('messages wait for the first, follow the latest, and stop after a leave', async () => {
    const { entry, room: id } = create(ada, 'den');
    await adas.request('create-room', { cid: newCid(), entry });
    expect(await codeOf(append(adas, id, message(ada, id, 1)))).toBe('rekey-pending');

    const put = async (fields: Parameters<typeof epoch>[2]) => {
      await adas.request('put-wraps', { room: id, number: fields.number, wraps: [...fields.wraps] });
      const entry = epoch(ada, id, fields);
      await append(adas, id, entry);
      return entryHash(entry);
    };
    const first = await put({ number: 1, answers: 1, wraps: wrapsFor(ada) });
    await append(adas, id, message(ada, id, 1));
    expect(await codeOf(append(adas, id, message(ada, id, 2)))).toBe('stale-epoch');

    // a join does not block
    await append(bobs, id, join(bob, id));
    await append(adas, id, message(ada, id, 1));
    const second = await put({ number: 2, previous: first, answers: 4, kind: 'step', wraps: wrapsFor(bob) });
    expect(await codeOf(append(adas, id, message(ada, id, 1)))).toBe('stale-epoch');
    await append(bobs, id, message(bob, id, 2));

    await append(bobs, id, leave(bob, id, 7));
    expect(await codeOf(append(adas, id, message(ada, id, 2)))).toBe('rekey-pending');
    await put({ number: 3, previous: second, answers: 8, wraps: wrapsFor(ada) });
    await append(adas, id, message(ada, id, 3));
    expect(await adas.request('get-wrap', { room: id, number: 3 })).toHaveProperty('envelope');
    expect(await codeOf(adas.request('get-wrap', { room: id, number: 2 }))).toBe('no-wrap');
    expect(await codeOf(bobs.request('get-wrap', { room: id, number: 2 }))).toBe('not-a-member');
  });

  test('that do not follow are a conflict', async () => {
    const { id, key, head } = await room('den', [{ who: ada, client: adas }]);
    const previous = entryHash(key);
    await append(bobs, id, join(bob, id));
    const wraps = wrapsFor(ada, bob);
    await adas.request('put-wraps', { room: id, number: 2, wraps });
    const answers = head + 1;
    const attempt = (fields: object) =>
      codeOf(append(adas, id, epoch(ada, id, { number: 2, previous, answers, wraps, ...fields })));
    expect(await attempt({ number: 1 })).toBe('epoch-conflict');
    expect(await attempt({ number: 3 })).toBe('epoch-conflict');
    expect(await attempt({ previous: noHash })).toBe('epoch-conflict');
    expect(await attempt({ answers: 1 })).toBe('epoch-conflict');
    // what was put for it is used up by an attempt
    expect(await attempt({})).toBe('wraps-mismatch');
    await adas.request('put-wraps', { room: id, number: 2, wraps });
    expect(await attempt({})).toBe('ok');

    await append(bobs, id, leave(bob, id, answers));
    const step = epoch(ada, id, { number: 3, previous, answers: answers + 2, kind: 'step', wraps: [] });
    expect(await codeOf(append(adas, id, step))).toBe('epoch-conflict');
  });

  test('need the wraps that they name, for those who are to have them', async () => {
    const { id, head, key } = await room('den', [{ who: ada, client: adas }]);
    await append(bobs, id, join(bob, id));
    const previous = entryHash(key);
    const fields = { number: 2, previous, answers: head + 1 };
    const stranger = await at.citizen('carol');
    const put = (wraps: ReturnType<typeof wrapsFor>) => adas.request('put-wraps', { room: id, number: 2, wraps });
    const both = wrapsFor(ada, bob);

    expect(await codeOf(put(wrapsFor(stranger)))).toBe('wraps-mismatch');
    expect(await codeOf(put([{ to: ada.signer.fingerprint, envelope: 'AB' }]))).toBe('malformed-request');
    await put(both.slice(0, 1));
    expect(await codeOf(append(adas, id, epoch(ada, id, { ...fields, wraps: both })))).toBe('wraps-mismatch');
    await put(both);
    const step = epoch(ada, id, { ...fields, kind: 'step', wraps: both });
    expect(await codeOf(append(adas, id, step))).toBe('wraps-mismatch');
    // wraps of another connection do not count
    const second = await at.login(ada);
    await put(both);
    expect(await codeOf(append(second, id, epoch(ada, id, { ...fields, wraps: both })))).toBe('wraps-mismatch');
    // in several parts, and without waiting for answers
    const parts = both.map((wrap) => put([wrap]));
    expect(await codeOf(append(adas, id, epoch(ada, id, { ...fields, wraps: both })))).toBe('ok');
    await Promise.all(parts);
    expect(await bobs.request('get-wrap', { room: id, number: 2 })).toEqual({ envelope: both[1]?.envelope });
  });

  test('of two hubs that race one wins', async () => {
    const { id, head, key } = await room('den', [
      { who: ada, client: adas },
      { who: bob, client: bobs },
    ]);
    const previous = entryHash(key);
    for (let number = 2, hash = previous; number < 8; number++) {
      const race = [
        { who: ada, client: adas },
        { who: bob, client: bobs },
      ].map(async ({ who, client }) => {
        const wraps = wrapsFor(ada, bob);
        const entry = epoch(who, id, { number, previous: hash, answers: head - 1, reason: 'age', wraps });
        await client.request('put-wraps', { room: id, number, wraps });
        return { code: await codeOf(append(client, id, entry)), hash: entryHash(entry) };
      });
      const outcomes = await Promise.all(race);
      expect(outcomes.map(({ code }) => code).sort()).toEqual(['epoch-conflict', 'ok']);
      hash = outcomes.find(({ code }) => code === 'ok')?.hash ?? '';
    }
  });
});

describe('a repeated request', () => {
  test('is answered with the first result, whatever came in between', async () => {
    const { id } = await room('den', [{ who: ada, client: adas }]);
    const cid = newCid();
    const entry = message(ada, id, 1);
    const first = await append(adas, id, entry, cid);
    await append(adas, id, message(ada, id, 1));
    expect(await append(adas, id, entry, cid)).toEqual(first);
    // also when it would be refused now
    await append(bobs, id, join(bob, id));
    await append(bobs, id, leave(bob, id, 5));
    expect(await codeOf(append(adas, id, message(ada, id, 1)))).toBe('rekey-pending');
    expect(await append(adas, id, entry, cid)).toEqual(first);
    const { id: other } = await room('attic', [{ who: ada, client: adas }]);
    expect(await codeOf(append(adas, other, message(ada, other, 1), cid))).toBe('malformed-request');
  });

  test('that races with the first is the same request', async () => {
    const { id, head } = await room('den', [{ who: ada, client: adas }]);
    const second = await at.login(ada);
    const cid = newCid();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => append(index % 2 ? adas : second, id, message(ada, id, 1), cid)),
    );
    expect(new Set(results.map(({ seq }) => seq))).toEqual(new Set([head + 1]));
    expect(await append(adas, id, message(ada, id, 1))).toMatchObject({ seq: head + 2 });
  });

  test('for a room to create, and after a restart, too', async () => {
    const disk = new MemoryDisk();
    const { entry } = create(ada, 'den');
    const cid = newCid();
    const outcomes: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      await using server = await testServer({ store: createMemoryStore(disk) });
      const { fingerprint, publicKey: identity } = ada.signer;
      await server.store.register({ user: 'ada', fingerprint, identity, enrolledAt: 1 }, null);
      const client = await server.login(ada);
      for (const _ of [1, 2]) outcomes.push(await client.request('create-room', { cid, entry }));
    }
    expect(outcomes).toEqual(Array(4).fill(outcomes[0]));
  });
});
