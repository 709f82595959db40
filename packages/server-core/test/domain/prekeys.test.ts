/** Prekeys over the chat port. */
import { createECDH } from 'node:crypto';
import {
  codeOf,
  prekeyStatement,
  limits as protocolLimits,
  type SignedPrekey,
  toBase64url,
  utf8,
} from '@chat/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { Prekeys } from '../../src/domain/prekeys.ts';
import { prekeysCost } from '../../src/handlers/prekeys.ts';
import { type Author, create, invite, join, knock, newCid } from '../support/entries.ts';
import { newXWingKey, signedPrekey } from '../support/prekeys.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import { type Citizen, type Member, room, type TestServer, testServer } from '../support/test-server.ts';

const weekMs = 7 * 24 * 60 * 60_000;

let disk: MemoryDisk;
let at: TestServer;
let alice: Citizen;
let client: TestClient;

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { prekeysPerHour: 5 } });
  alice = await at.citizen('alice');
  client = await at.login(alice);
});
afterEach(() => at[Symbol.asyncDispose]());

const prekeyOf = (who: Author, madeAt: number, { serverId = at.server.serverId, ...prekey }: Changed = {}) =>
  signedPrekey(who, { serverId, madeAt, ...prekey });

interface Changed {
  readonly serverId?: string;
  readonly prekey?: string;
}

const otherKey = newXWingKey();

const put = (prekey: ReturnType<typeof prekeyOf>) => outcomeOf(client.request('put-prekey', prekey));
const get = async (...users: string[]) => (await client.request('get-prekeys', { users })).prekeys;

test('stores a user’s own prekey and returns it to any user, with the registered key', async () => {
  const bob = await at.citizen('bob');
  const prekey = prekeyOf(alice, 1_000);
  expect(await put(prekey)).toBe('ok');
  const asked = await (await at.login(bob)).request('get-prekeys', { users: ['bob', 'alice', 'unknown', 'alice'] });
  expect(asked.prekeys).toEqual([{ user: 'alice', key: toBase64url(alice.signer.publicKey), ...prekey }]);
});

test('refuses a prekey that its owner has not signed for this server', async () => {
  const bob = await at.citizen('bob');
  const good = prekeyOf(alice, 1_000);
  expect(await put(prekeyOf(bob, 1_000))).toBe('prekey-refused');
  expect(await put(prekeyOf({ user: 'alice', signer: bob.signer }, 1_000))).toBe('prekey-refused');
  expect(await put(prekeyOf({ user: 'bob', signer: alice.signer }, 1_000))).toBe('prekey-refused');
  expect(await put(prekeyOf(alice, 1_000, { serverId: '0'.repeat(64) }))).toBe('prekey-refused');
  expect(await put({ ...good, madeAt: 1_001 })).toBe('prekey-refused');
  expect(await put({ ...good, prekey: otherKey })).toBe('prekey-refused');
  expect(await get('alice')).toEqual([]);
  // None of these counts.
  expect(await put(good)).toBe('ok');
});

test('replaces a prekey by a later one only, and accepts the same one again', async () => {
  expect(await put(prekeyOf(alice, 1_000))).toBe('ok');
  expect(await put(prekeyOf(alice, 999))).toBe('prekey-refused');
  expect(await put(prekeyOf(alice, 1_000, { prekey: otherKey }))).toBe('prekey-refused');
  expect(await put(prekeyOf(alice, 1_000))).toBe('ok');
  const later = prekeyOf(alice, 1_001, { prekey: otherKey });
  expect(await put(later)).toBe('ok');
  expect(await get('alice')).toMatchObject([later]);
  // Five an hour are allowed.
  expect(await put(prekeyOf(alice, 1_002))).toBe('limit-reached');
});

const day = 24 * 60 * 60_000;
/** The latest time that the protocol knows. */
const endOfTime = 8.64e15;

test('refuses a prekey that is dated more than a day ahead, and accepts one up to there', async () => {
  const now = Date.now();
  await using own = await testServer({ clock: () => now });
  const { who, client: by } = await own.member('bob');
  const putAt = (madeAt: number) =>
    outcomeOf(by.request('put-prekey', signedPrekey(who, { serverId: own.server.serverId, madeAt })));
  expect(protocolLimits.prekeyAhead).toBe(day);
  expect(await putAt(endOfTime)).toBe('prekey-refused');
  expect(await putAt(now + day + 1)).toBe('prekey-refused');
  expect(await putAt(now + day)).toBe('ok');
});

test('hands out no prekey from the far future that an earlier version stored, and lets its owner replace it', async () => {
  const atTheEnd = prekeyOf(alice, endOfTime);
  disk.prekeys.set('alice', atTheEnd);
  expect(await get('alice')).toEqual([]);
  const now = prekeyOf(alice, Date.now());
  expect(await put(now)).toBe('ok');
  expect(await get('alice')).toMatchObject([now]);
  expect(await put(atTheEnd)).toBe('prekey-refused');
});

test('refuses a prekey that is no public key of X-Wing, and hands out none', async () => {
  const key = Buffer.from(newXWingKey(), 'base64url');
  const changed = (change: (key: Buffer) => void): string => {
    const copy = Buffer.from(key);
    change(copy);
    return copy.toString('base64url');
  };
  const unreduced = [
    // The modulus of ML-KEM itself, 0xd01, as the first and as the last coefficient.
    changed((bytes) => bytes.set([0x01, 0x0d], 0)),
    changed((bytes) => bytes.set([0x10, 0xd0], 1_150)),
    changed((bytes) => bytes.fill(0xff, 600, 603)),
  ];
  for (const prekey of unreduced) {
    expect(await put(prekeyOf(alice, 1_000, { prekey }))).toBe('prekey-refused');
    disk.prekeys.set('alice', prekeyOf(alice, 1, { prekey }));
    expect(await get('alice')).toEqual([]);
  }
  const point = createECDH('secp384r1').generateKeys('base64url');
  for (const prekey of [point, key.subarray(1).toString('base64url'), `${key.toString('base64url')}AA`]) {
    expect(await put(prekeyOf(alice, 1_000, { prekey }))).toBe('malformed-request');
  }
  // The largest coefficient is accepted, and any key of X25519. What was refused does not count.
  const good = changed((bytes) => {
    bytes.set([0x00, 0x0d], 0);
    bytes.fill(0, 1_184);
  });
  expect(await put(prekeyOf(alice, 1_000, { prekey: good }))).toBe('ok');
  for (let madeAt = 1_001; madeAt < 1_005; madeAt++) expect(await put(prekeyOf(alice, madeAt))).toBe('ok');
});

test('refuses a prekey of another suite, or without one, or whose signature does not cover the suite', async () => {
  const { suite, ...before } = prekeyOf(alice, 1_000);
  const ask = (fields: object) => client.ask('put-prekey', fields).then(() => 'ok', codeOf);
  expect(await ask(before)).toBe('malformed-request');
  for (const other of ['P-384', 'X25519', 'x-wing', ''])
    expect(await ask({ ...before, suite: other })).toBe('malformed-request');
  const { domain } = prekeyStatement(at.server.caFingerprint, { user: 'alice', ...before });
  const { prekey, madeAt } = before;
  const withoutSuite = utf8(JSON.stringify({ user: 'alice', prekey, madeAt }));
  const signature = toBase64url(alice.signer.sign(domain, withoutSuite));
  expect(await put({ suite, prekey, madeAt, signature })).toBe('prekey-refused');
});

test('returns no prekey of a revoked user', async () => {
  await put(prekeyOf(alice, 1_000));
  const bob = await at.citizen('bob');
  const bobClient = await at.login(bob);
  await at.server.revoke('alice', 'cessationOfOperation');
  expect(await bobClient.request('get-prekeys', { users: ['alice'] })).toEqual({ prekeys: [] });
});

test('charges more for a request of many prekeys', async () => {
  const now = Date.now();
  await using strict = await testServer({
    store: createMemoryStore(disk),
    clock: () => now,
    limits: { requestBurst: 39 },
  });
  const asker = await strict.login(alice);
  const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);
  const codes: string[] = [];
  const { entry, room: id } = create(alice, 'den');
  await asker.request('create-room', { cid: newCid(), entry });
  for (let count = 0; count < 4; count++)
    codes.push(await outcomeOf(asker.request('get-prekeys', { users, room: id })));
  // The login has cost twenty of 39, the room ten, each of these costs three.
  expect(codes).toEqual([...Array(3).fill('ok'), 'rate-limited']);
});

describe('the prekeys of users', () => {
  test('are for the members of a room without a bound, and only those of its members and invited users', async () => {
    const [bob, carol] = [await at.member('bob'), await at.member('carol')];
    await put(prekeyOf(alice, 1_000));
    await carol.client.request('put-prekey', prekeyOf(carol.who, 1_000));
    const { id } = await room('den', [{ who: alice, client }, bob]);
    const ask = (by: TestClient) => by.request('get-prekeys', { users: ['alice', 'carol'], room: id });
    expect((await ask(bob.client)).prekeys).toMatchObject([{ user: 'alice' }]);
    expect(await outcomeOf(ask(carol.client))).toBe('not-a-member');
    await client.request('append', {
      ...{ room: id, cid: newCid() },
      entry: invite(alice, id, { about: carol.who, seq: 3 }),
    });
    expect((await ask(bob.client)).prekeys).toMatchObject([{ user: 'alice' }, { user: 'carol' }]);
  });

  test('without a common room are bounded for each user and for each host, except the own one', async () => {
    const now = Date.now();
    const limits = { lookUpsPerHour: 3, lookUpsPerHostAndHour: 4 };
    await using own = await testServer({ clock: () => now, limits });
    const [one, other] = [(await own.member('one')).client, (await own.member('other')).client];
    const ask = (by: TestClient, ...users: string[]) => outcomeOf(by.request('get-prekeys', { users }));
    expect(await ask(one, 'bob', 'carol', 'carol')).toBe('ok');
    for (let time = 0; time < 5; time++) expect(await ask(one, 'one')).toBe('ok');
    expect(await ask(one, 'dave')).toBe('ok');
    expect(await ask(one, 'erin')).toBe('limit-reached');
    expect(await ask(other, 'erin')).toBe('ok');
    expect(await ask(other, 'erin')).toBe('limit-reached');
  });

  test('without a common room show the same prekey for a week, and do not show when its owner is there', async () => {
    let now = 2_900 * weekMs;
    let stored: SignedPrekey | undefined;
    let key = 'first';
    const store = {
      findPrekeys: async () => (stored === undefined ? [] : [{ ...stored, key }]),
      putPrekey: async (user: string, prekey: Omit<SignedPrekey, 'user' | 'key'>) => {
        stored = { ...prekey, user, key };
        return true;
      },
    };
    const { serverId } = at.server;
    const prekeys = new Prekeys({ store, serverId, clock: () => now, limits: { prekeysPerHour: 9 } });
    const owner = { user: 'alice', verifier: { verify: () => true } } as never;
    let madeAt = 0;
    const change = async () => {
      madeAt += 1;
      await prekeys.put(owner, prekeyOf(alice, madeAt));
    };
    const shown = async () => (await prekeys.findForStrangers(['alice'])).map((shows) => shows.madeAt);
    expect(await shown()).toEqual([]);
    await change();
    expect(await shown()).toEqual([1]);
    for (let days = 0; days < 6; days++) {
      await change();
      now += weekMs / 7;
      expect(await shown()).toEqual([1]);
    }
    expect((await prekeys.find(['alice']))[0]?.madeAt).toBe(7);
    now += weekMs / 7;
    expect(await shown()).toEqual([7]);
    // Under another identity key an earlier prekey proves nothing.
    await change();
    key = 'second';
    expect(await shown()).toEqual([8]);
  });

  test('in a room show the present prekey', async () => {
    const bob = await at.citizen('bob');
    const lobby = create(alice, 'lobby', { join: 'open', history: 'since-join' });
    await client.request('create-room', { cid: newCid(), entry: lobby.entry });
    await put(prekeyOf(alice, 1));
    const stranger = await at.login(bob);
    const ask = (id?: string) =>
      stranger.request('get-prekeys', { users: ['alice'], ...(id === undefined ? {} : { room: id }) });
    expect((await ask()).prekeys[0]?.madeAt).toBe(1);
    await put(prekeyOf(alice, 2));
    await stranger.request('append', { room: lobby.room, cid: newCid(), entry: join(bob, lobby.room) });
    expect([(await ask()).prekeys[0]?.madeAt, (await ask(lobby.room)).prekeys[0]?.madeAt]).toEqual([1, 2]);
  });
});

test('rooms and knocks are bounded for each host, under whatever names', async () => {
  const now = Date.now();
  await using own = await testServer({ clock: () => now, limits: { roomsPerHostAndHour: 2, knocksPerHostAndHour: 1 } });
  const [one, other] = [await own.member('one'), await own.member('other')];
  const policy = { join: 'invite', history: 'since-join' } as const;
  const opens = ({ who, client: by }: Member, name: string) =>
    outcomeOf(by.request('create-room', { cid: newCid(), entry: create(who, name, policy).entry }));
  expect([await opens(one, 'a'), await opens(other, 'b'), await opens(other, 'c')]).toEqual([
    'ok',
    'ok',
    'limit-reached',
  ]);
  const knocks = async ({ who, client: by }: Member, name: string) => {
    const { room: id } = await by.request('find-room', { name });
    return outcomeOf(by.request('knock', { room: id, knock: knock(who, id) }));
  };
  expect([await knocks(one, 'b'), await knocks(other, 'a')]).toEqual(['ok', 'limit-reached']);
});

test('a look-up costs five for each user without a common room, and one for twenty users of a room', () => {
  const users = Array.from({ length: 40 }, (_, n) => `user-${n}`);
  expect(prekeysCost({ users })).toBe(200);
  expect(prekeysCost({ users, room: 'r'.repeat(64) })).toBe(3);
  expect(prekeysCost({ users: ['bob'] })).toBe(5);
  expect(prekeysCost({ users: 'bob' })).toBe(1);
});
