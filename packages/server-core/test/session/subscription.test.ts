/** Following rooms: backfill, cutover, live entries, presence. */
import { entryHash, fromHex } from '@chat/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { create, join, leave, message, newCid } from '../support/entries.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import {
  type Citizen,
  type Member,
  room,
  type TestServer,
  type TestServerOptions,
  testServer,
} from '../support/test-server.ts';

const roomy: TestServerOptions = { limits: { requestBurst: 100_000, byteBurst: 1e9 } };

async function members(at: TestServer, ...names: string[]): Promise<Member[]> {
  return Promise.all(names.map((name) => at.member(name)));
}

const say = (client: TestClient, who: Citizen, id: string, text = 'token') =>
  client.request('append', { room: id, cid: newCid(), entry: message(who, id, 1, text) });

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a subscription', () => {
  test('is refused for users who are not members', async () => {
    await using at = await testServer(roomy);
    const [alice, bob] = await members(at, 'alice', 'bob');
    if (!alice || !bob) throw new Error();
    const { id } = await room('den', [alice]);
    expect(await outcomeOf(bob.client.request('subscribe', { room: id, after: 0 }))).toBe('not-a-member');
    expect(await outcomeOf(bob.client.request('subscribe', { room: '0'.repeat(64), after: 0 }))).toBe('not-a-member');
    await say(alice.client, alice.who, id);
    await bob.client.ask('ping', {});
    expect(bob.client.pushes.map(({ push }) => push)).toEqual(['hello']);
  });

  test('starts with the log, reports when that is done, and continues live', async () => {
    await using at = await testServer(roomy);
    const [alice, bob] = await members(at, 'alice', 'bob');
    if (!alice || !bob) throw new Error();
    const { id, head } = await room('den', [alice, bob]);
    await say(alice.client, alice.who, id);
    expect(await bob.client.request('subscribe', { room: id, after: 1 })).toMatchObject({
      head: head + 1,
      online: ['bob'],
    });
    expect(await bob.client.first('caught-up')).toMatchObject({ room: id, head: head + 1 });
    expect(bob.client.positions(id)).toEqual([2, 3, 4]);

    const { seq, at: time } = await say(alice.client, alice.who, id, 'live');
    await bob.client.until(() => bob.client.positions(id).includes(seq));
    expect(bob.client.all('entry').at(-1)).toEqual({
      push: 'entry',
      room: id,
      seq,
      at: time,
      entry: message(alice.who, id, 1, 'live'),
    });

    await bob.client.request('unsubscribe', { room: id });
    await say(alice.client, alice.who, id);
    await bob.client.ask('ping', {});
    expect(bob.client.positions(id)).toEqual([2, 3, 4, seq]);
  });

  test('sends a newcomer the control entries, and stubs of the messages before the join', async () => {
    await using at = await testServer(roomy);
    const [alice, bob] = await members(at, 'alice', 'bob');
    if (!alice || !bob) throw new Error();
    const { id } = await room('den', [alice]);
    await say(alice.client, alice.who, id, 'before');
    await bob.client.request('append', { room: id, cid: newCid(), entry: join(bob.who, id, 2) });
    await say(alice.client, alice.who, id, 'after');
    await bob.client.request('subscribe', { room: id, after: 0 });
    await bob.client.first('caught-up');
    expect(bob.client.pushes.flatMap((each) => ('seq' in each ? [[each.push, each.seq]] : []))).toEqual([
      ['entry', 1],
      ['entry', 2],
      ['stubs', 3],
      ['entry', 4],
      ['entry', 5],
    ]);
    expect(bob.client.all('stubs')[0]?.hashes).toEqual(fromHex(entryHash(message(alice.who, id, 1, 'before'))));
  });

  test('ends after the user’s own leave, which is still sent', async () => {
    await using at = await testServer(roomy);
    const [alice, bob] = await members(at, 'alice', 'bob');
    if (!alice || !bob) throw new Error();
    const { id, head } = await room('den', [alice, bob]);
    const second = await at.login(bob.who);
    for (const client of [bob.client, second, alice.client]) {
      await client.request('subscribe', { room: id, after: head });
      await client.first('caught-up');
    }
    await bob.client.request('append', { room: id, cid: newCid(), entry: leave(bob.who, id, head) });
    await alice.client.request('append', { room: id, cid: newCid(), entry: leave(alice.who, id, head + 1) });
    await alice.client.until(() => alice.client.positions(id).length === 2);
    for (const client of [bob.client, second]) {
      await client.ask('ping', {});
      expect(client.positions(id)).toEqual([head + 1]);
    }
  });

  test('starts again when it is the second of a connection', async () => {
    await using at = await testServer(roomy);
    const [alice] = await members(at, 'alice');
    if (!alice) throw new Error();
    const { id, head } = await room('den', [alice]);
    const { client } = alice;
    for (const round of [1, 2]) {
      await client.request('subscribe', { room: id, after: 0 });
      await client.until(() => client.all('caught-up').length === round);
    }
    await say(client, alice.who, id);
    await client.until(() => client.positions(id).includes(head + 1));
    await client.ask('ping', {});
    expect(client.positions(id)).toEqual([1, 2, 1, 2, 3]);
    expect(client.all('presence')).toEqual([]);
  });

  test('sends every entry once and in order to every follower, whenever it starts and whatever is appended meanwhile', async () => {
    await using at = await testServer(roomy);
    const users = await members(at, 'alice', 'bob', 'carol', 'dave');
    const [alice, ...others] = users;
    if (!alice) throw new Error();
    let rooms = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ by: fc.nat(3), burst: fc.integer({ min: 1, max: 60 }) }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.record({ who: fc.nat(3), at: fc.nat(8), after: fc.nat(5) }), { minLength: 1, maxLength: 6 }),
        async (bursts, followers) => {
          const { id, head } = await room(`room-${rooms++}`, [alice, ...others]);
          const sent: Promise<unknown>[] = [];
          const following: { client: TestClient; after: number }[] = [];
          for (const [index, { by, burst }] of bursts.entries()) {
            const { who, client } = users[by] ?? alice;
            for (let count = 0; count < burst; count++) sent.push(say(client, who, id, `${index} ${count}`));
            for (const follower of followers.filter((each) => each.at % bursts.length === index)) {
              const reader = await at.login((users[follower.who] ?? alice).who);
              following.push({ client: reader, after: follower.after });
              sent.push(reader.request('subscribe', { room: id, after: follower.after }));
            }
          }
          await Promise.all(sent);
          const end = head + bursts.reduce((sum, { burst }) => sum + burst, 0);
          for (const { client, after } of following) {
            await client.until(() => client.positions(id).at(-1) === end && client.all('caught-up').length === 1);
            expect(client.positions(id)).toEqual(numbers(after + 1, end));
            await client.close();
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('presence', () => {
  test('lists present users, the longest present first, once for any number of connections', async () => {
    await using at = await testServer({ limits: { ...roomy.limits, presenceGatherMs: 0 } });
    const [alice, bob, carol] = await members(at, 'alice', 'bob', 'carol');
    if (!alice || !bob || !carol) throw new Error();
    const { id, head } = await room('den', [alice, bob]);
    const follow = (client: TestClient) => client.request('subscribe', { room: id, after: head });
    expect(await follow(bob.client)).toMatchObject({ head, online: ['bob'] });
    await bob.client.first('caught-up');
    expect(await follow(alice.client)).toMatchObject({ head, online: ['bob', 'alice'] });
    const second = await at.login(bob.who);
    expect(await follow(second)).toMatchObject({ head, online: ['bob', 'alice'] });
    await alice.client.first('caught-up');

    await bob.client.close();
    await carol.client.request('append', { room: id, cid: newCid(), entry: join(carol.who, id, head) });
    expect(await carol.client.request('subscribe', { room: id, after: 0 })).toMatchObject({
      head: head + 1,
      online: ['bob', 'alice', 'carol'],
    });
    await second.close();
    await alice.client.until(() => alice.client.all('presence').length === 2);
    expect(alice.client.all('presence')).toEqual([
      { push: 'presence', room: id, changes: [{ user: 'carol', online: true }], connected: 3 },
      { push: 'presence', room: id, changes: [{ user: 'bob', online: false }], connected: 2 },
    ]);
    // A second subscription of one connection does not count.
    await follow(alice.client);
    await alice.client.request('unsubscribe', { room: id });
    await carol.client.until(() => carol.client.all('presence').length === 2);
    expect(carol.client.all('presence').map(({ changes }) => changes)).toEqual([
      [{ user: 'bob', online: false }],
      [{ user: 'alice', online: false }],
    ]);
  });
});

test('a room without followers leaves the memory and can be loaded again', async () => {
  await using at = await testServer(roomy);
  const [alice] = await members(at, 'alice');
  if (!alice) throw new Error();
  const { entry, room: id } = create(alice.who, 'den');
  await alice.client.request('create-room', { cid: newCid(), entry });
  for (let round = 0; round < 3; round++) {
    await alice.client.request('subscribe', { room: id, after: 0 });
    await alice.client.until(() => alice.client.all('caught-up').length === round + 1);
    await alice.client.request('unsubscribe', { room: id });
  }
  expect(alice.client.positions(id)).toEqual([1, 1, 1]);
});
