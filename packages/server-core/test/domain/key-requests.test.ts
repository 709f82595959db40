/** Key requests: a member without the wrap of an epoch asks another member who is online. */
import { entryHash, type SignedEntry } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Author, type EpochFields, epoch, invite, newCid, remove } from '../support/entries.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import { type Member, room, type TestServer, testServer } from '../support/test-server.ts';
import { linkId, noneFor, putWraps, storeLinks, wrapsFor } from '../support/wraps.ts';

const clock = { now: 0 };
let at: TestServer;
let alice: Member;
let bob: Member;
let carol: Member;
let id: string;

const follow = async (client: TestClient) => {
  await client.request('subscribe', { room: id, after: 4 });
  await client.first('caught-up');
};

beforeEach(async () => {
  clock.now = Date.now();
  at = await testServer({ clock: () => clock.now, limits: { keysAskedPerMinute: 4 } });
  [alice, bob, carol] = [await at.member('alice'), await at.member('bob'), await at.member('carol')];
  id = (await room('den', [alice, bob, carol])).id;
});
afterEach(() => at[Symbol.asyncDispose]());

const ask = ({ client }: Member, user: string, number = 1) =>
  outcomeOf(client.request('ask-key', { room: id, number, user }));
const give = async ({ client, who }: Member, wrap = wrapsFor(bob.who)[0], number = 1) => {
  if (wrap === undefined) return 'none';
  await storeLinks(at.store, who, [wrap]);
  return outcomeOf(client.request('give-key', { room: id, number, ...wrap }));
};

test('notifies the asked member on each connection that follows the room, and passes on the answer', async () => {
  const second = await at.login(alice.who);
  const idle = await at.login(alice.who);
  for (const client of [alice.client, second, bob.client]) await follow(client);
  expect(await ask(bob, 'alice')).toBe('ok');
  for (const client of [alice.client, second]) {
    expect(await client.first('key-asked')).toEqual({ push: 'key-asked', room: id, number: 1, user: 'bob' });
  }
  await idle.ask('ping', {});
  expect(idle.all('key-asked')).toEqual([]);

  const [wrap] = wrapsFor(bob.who);
  expect(await give(alice, wrap)).toBe('ok');
  const given = await bob.client.first('key-given');
  expect(given).toMatchObject({ room: id, number: 1, from: alice.who.signer.fingerprint });
  expect(Buffer.from(given.wrap).equals(wrap?.wrap ?? Buffer.of())).toBe(true);
});

test('refuses an answer on a link that the server does not know, and goes on waiting for one on another link', async () => {
  await follow(alice.client);
  await follow(bob.client);
  expect(await ask(bob, 'alice')).toBe('ok');
  const [wrap] = wrapsFor(bob.who);
  const other = Buffer.from(wrap?.wrap ?? []).fill(1, 0, 8);
  const fields = { room: id, number: 1, to: bob.who.signer.fingerprint, wrap: other };
  expect(await outcomeOf(alice.client.request('give-key', fields))).toBe('unknown-link');
  // Carol's link is not Alice's.
  await storeLinks(at.store, carol.who, wrap === undefined ? [] : [wrap]);
  await at.store.loseLinks([{ from: alice.who.signer.fingerprint, to: bob.who.signer.fingerprint, id: linkId }]);
  expect(await outcomeOf(alice.client.request('give-key', { ...fields, wrap: wrap?.wrap ?? other }))).toBe(
    'unknown-link',
  );
  const link = { from: alice.who.signer.fingerprint, to: bob.who.signer.fingerprint, id: other.subarray(0, 8) };
  await at.store.putLinks([{ ...link, prekey: linkId, opening: new Uint8Array(1_138) }], {
    now: clock.now,
    waiting: 9,
  });
  expect(await outcomeOf(alice.client.request('give-key', fields))).toBe('ok');
});

test('accepts an answer only from the asked member, for the asker and the epoch, and once', async () => {
  await follow(alice.client);
  await follow(carol.client);
  expect(await give(alice)).toBe('not-allowed');
  expect(await ask(bob, 'alice')).toBe('ok');
  expect(await give(carol)).toBe('not-allowed');
  expect(await give(alice, wrapsFor(carol.who)[0])).toBe('not-allowed');
  expect(await give(alice, wrapsFor(bob.who)[0], 2)).toBe('not-allowed');
  const stranger = await at.citizen('stranger');
  expect(await give(alice, wrapsFor(stranger)[0])).toBe('unknown-member');
  expect(await give(alice)).toBe('ok');
  expect(await give(alice)).toBe('not-allowed');
});

test('refuses an answer that comes too late', async () => {
  await follow(alice.client);
  expect(await ask(bob, 'alice')).toBe('ok');
  clock.now += 60_000;
  expect(await give(alice)).toBe('not-allowed');
  expect(await ask(bob, 'alice')).toBe('ok');
  clock.now += 59_999;
  expect(await give(alice)).toBe('ok');
});

test('refuses a request to a user who is offline or no member, for another epoch, or too often', async () => {
  await follow(alice.client);
  expect(await ask(bob, 'carol')).toBe('not-online');
  expect(await ask(bob, 'bob')).toBe('unknown-member');
  expect(await ask(bob, 'unknown')).toBe('unknown-member');
  expect(await ask(bob, 'alice', 2)).toBe('stale-epoch');
  for (let count = 0; count < 3; count++) expect(await ask(bob, 'alice')).toBe('ok');
  expect(await ask(bob, 'alice')).toBe('limit-reached');
  clock.now += 15_000;
  expect([await ask(bob, 'alice'), await ask(bob, 'alice')]).toEqual(['ok', 'limit-reached']);
  expect(await ask(carol, 'alice')).toBe('ok');
});

/** A member makes a key that the others do not get: its wraps do not open, which the server cannot see. */
async function spoil(
  { client, who }: Member,
  key: SignedEntry,
  { without = [], ...fields }: Pick<EpochFields, 'number' | 'answers'> & { readonly without?: readonly Author[] },
) {
  const wraps = [...wrapsFor(...[alice, bob, carol].map((member) => member.who)), ...noneFor(...without)];
  await putWraps({ client, who }, { room: id, number: fields.number, wraps });
  const entry = epoch(who, id, { previous: entryHash(key), reason: 'membership', wraps, ...fields });
  return { entry, outcome: await outcomeOf(client.request('append', { room: id, cid: newCid(), entry })) };
}

test('bounds the requests for each key, and those for many keys by another number', async () => {
  await using many = await testServer({ limits: { keysAskedPerMinute: 4, keysAskedInAllPerMinute: 10 } });
  [alice, bob] = [await many.member('alice'), await many.member('bob')];
  const rooms = [
    await room('attic', [alice, bob]),
    await room('cellar', [alice, bob]),
    await room('den', [alice, bob]),
  ];
  const outcomes: string[] = [];
  for (const { id: each } of rooms) {
    id = each;
    await follow(alice.client);
    for (let count = 0; count < 5; count++) outcomes.push(await ask(bob, 'alice'));
  }
  const four = ['ok', 'ok', 'ok', 'ok', 'limit-reached'];
  expect(outcomes).toEqual([...four, ...four, 'ok', 'ok', 'limit-reached', 'limit-reached', 'limit-reached']);
});

test('lets another member make the next epoch when most members have asked for the key of the latest', async () => {
  const { id: spoilt, key, head } = await room('cellar', [alice, bob, carol]);
  id = spoilt;
  for (const { client } of [alice, bob, carol]) await follow(client);
  const zoe = await at.citizen('zoe');
  const change = async (entry: SignedEntry) =>
    outcomeOf(carol.client.request('append', { room: id, cid: newCid(), entry }));
  expect(await change(invite(carol.who, id, { about: zoe, seq: head }))).toBe('ok');
  const first = await spoil(carol, key, { number: 2, answers: head + 1, without: [zoe] });
  expect(first.outcome).toBe('ok');
  expect(await change(remove(carol.who, id, { about: zoe, seq: head + 1 }))).toBe('ok');
  // Bob asks alice, who lacks the key too.
  expect(await ask(bob, 'alice', 2)).toBe('ok');
  await alice.client.request('lack-key', { room: id, number: 2, user: 'bob' });
  const next = { number: 3, answers: head + 3 };
  expect((await spoil(carol, first.entry, next)).outcome).toBe('limit-reached');
  expect((await spoil(bob, first.entry, next)).outcome).toBe('ok');
});

test('refuses answers for, and requests of, a member who was removed meanwhile', async () => {
  await follow(alice.client);
  expect(await ask(carol, 'alice')).toBe('ok');
  const entry = remove(alice.who, id, { about: carol.who, seq: 4 });
  await alice.client.request('append', { room: id, cid: newCid(), entry });
  expect(await give(alice, wrapsFor(carol.who)[0])).toBe('unknown-member');
  expect(await ask(carol, 'alice')).toBe('removed');
});

test('passes on that the asked member lacks the key too, once, and only to the member who asked', async () => {
  await follow(alice.client);
  await follow(bob.client);
  await follow(carol.client);
  const lack = ({ client }: Member, user: string, number = 1) =>
    outcomeOf(client.request('lack-key', { room: id, number, user }));
  expect(await lack(alice, 'bob')).toBe('not-allowed');
  expect(await ask(bob, 'alice')).toBe('ok');
  expect([await lack(carol, 'bob'), await lack(alice, 'carol'), await lack(alice, 'bob', 2)]).toEqual([
    'not-allowed',
    'not-allowed',
    'not-allowed',
  ]);
  expect(await lack(alice, 'stranger')).toBe('unknown-member');
  expect(await lack(alice, 'bob')).toBe('ok');
  expect(await bob.client.first('key-lacked')).toEqual({ push: 'key-lacked', room: id, number: 1, user: 'alice' });
  // The request is answered.
  expect([await lack(alice, 'bob'), await give(alice)]).toEqual(['not-allowed', 'not-allowed']);
  await carol.client.ask('ping', {});
  expect(carol.client.all('key-lacked')).toEqual([]);
});
