/** Knocks: asking to be invited to a room. */
import { limits, type Policy, toBase64url } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import { create, invite, join, knock, newCid, remove } from '../../support/entries.ts';
import { outcomeOf, type TestClient } from '../../support/test-client.ts';
import { type Member, type TestServer, testServer } from '../../support/test-server.ts';

let disk: MemoryDisk;
let at: TestServer;
let alice: Member;
let bob: Member;
let id: string;

async function open(join: Policy['join'], name: string): Promise<string> {
  const { entry, room } = create(alice.who, name, { join, history: 'since-join' });
  await alice.client.request('create-room', { cid: newCid(), entry });
  return room;
}

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({
    store: createMemoryStore(disk),
    limits: { requestBurst: 10_000, knocksPerHour: 5, roomKnockBurst: 5 },
  });
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
  id = await open('invite', 'den');
});
afterEach(() => at[Symbol.asyncDispose]());

const knocks = ({ who, client }: Member, room = id, signed = knock(who, room)) =>
  outcomeOf(client.request('knock', { room, knock: signed }));
const waiting = async (client: TestClient = alice.client) =>
  (await client.request('list-knocks', { room: id })).knocks.map(({ by }) => by);
const append = (client: TestClient, entry: ReturnType<typeof join>) =>
  outcomeOf(client.request('append', { room: id, cid: newCid(), entry }));
const head = () => disk.rooms.get(id)?.head ?? 0;
const invites = (about: Member) => append(alice.client, invite(alice.who, id, { about: about.who, seq: head() }));

test('sends a knock to members who follow the room, and stores it for later ones', async () => {
  await alice.client.request('subscribe', { room: id, after: 0 });
  await alice.client.first('caught-up');
  const signed = knock(bob.who, id);
  expect(await knocks(bob, id, signed)).toBe('ok');
  expect(await alice.client.first('knock')).toEqual({ push: 'knock', room: id, knock: signed });
  expect(await alice.client.request('list-knocks', { room: id })).toEqual({ knocks: [signed] });
  expect(await outcomeOf(bob.client.request('list-knocks', { room: id }))).toBe('not-a-member');
});

test('stores one knock of each user, and a bounded number in each room, of which the oldest gives way', async () => {
  expect(await knocks(bob)).toBe('ok');
  expect(await knocks(bob)).toBe('ok');
  expect(await waiting()).toEqual([bob.who.signer.fingerprint]);
  const strange = { knock: { ...knock(bob.who, id), by: 'e'.repeat(64) }, at: Date.now(), dismissedAt: null };
  const others = Array.from({ length: limits.knocksPerRoom - 1 }, (_, n) => [`user-${n}`, strange] as const);
  disk.knocks.set(id, new Map([...(disk.knocks.get(id) ?? []), ...others]));
  const carol = await at.member('carol');
  expect(await knocks(carol)).toBe('ok');
  expect(await waiting()).toHaveLength(limits.knocksPerRoom);
  expect(await waiting()).not.toContain(bob.who.signer.fingerprint);
  expect((await waiting()).at(-1)).toBe(carol.who.signer.fingerprint);
  // Five an hour are allowed.
  for (let count = 0; count < 3; count++) await knocks(bob);
  expect(await knocks(bob)).toBe('limit-reached');
});

const own = async ({ client }: Member) => (await client.request('list-own-knocks', {})).rooms;
const dismisses = ({ client }: Member, user: string) => outcomeOf(client.request('dismiss-knock', { room: id, user }));

test('lets any member dismiss a knock, tells the members who did, and the user only that it waits or is over', async () => {
  await alice.client.request('subscribe', { room: id, after: 0 });
  await knocks(bob);
  expect(await dismisses(bob, 'bob')).toBe('not-a-member');
  expect(await dismisses(alice, 'carol')).toBe('no-knock');
  expect(await dismisses(alice, 'bob')).toBe('ok');
  expect(await alice.client.first('dismissed')).toEqual({ push: 'dismissed', room: id, user: 'bob', by: 'alice' });
  expect(await dismisses(alice, 'bob')).toBe('no-knock');
  expect(await waiting()).toEqual([]);
  // For the user nothing has changed, and another knock does not reach the members.
  expect(await own(bob)).toEqual([id]);
  expect(await knocks(bob)).toBe('ok');
  expect(await waiting()).toEqual([]);
  expect(alice.client.all('knock')).toHaveLength(1);
  const kept = disk.knocks.get(id)?.get('bob');
  if (kept?.dismissedAt == null) throw new Error('the knock was not dismissed');
  disk.knocks.get(id)?.set('bob', { ...kept, dismissedAt: kept.dismissedAt - limits.dismissalAge });
  expect(await own(bob)).toEqual([]);
  expect(await knocks(bob)).toBe('ok');
  expect(await waiting()).toEqual([bob.who.signer.fingerprint]);
});

test('ends a knock after two weeks', async () => {
  await knocks(bob);
  const kept = disk.knocks.get(id)?.get('bob');
  if (kept === undefined) throw new Error('there is no knock');
  disk.knocks.get(id)?.set('bob', { ...kept, at: kept.at - limits.knockAge });
  expect(await waiting()).toEqual([]);
  expect(await own(bob)).toEqual([]);
  expect(await dismisses(alice, 'bob')).toBe('no-knock');
});

test('ends a knock when the user is invited, joins or is removed', async () => {
  await knocks(bob);
  expect(await invites(bob)).toBe('ok');
  expect(await waiting()).toEqual([]);
  expect(await knocks(bob)).toBe('already-a-member');
  expect(await append(bob.client, join(bob.who, id, head()))).toBe('ok');
  expect(await knocks(bob)).toBe('already-a-member');
  expect(await append(alice.client, remove(alice.who, id, { about: bob.who, seq: head() }))).toBe('ok');
  expect(await knocks(bob)).toBe('removed');
});

test('leaves no knock when it races with the invitation', async () => {
  for (let round = 0; round < 10; round++) {
    const each = await at.member(`user-${round}`);
    const [knocked, invited] = await Promise.all([knocks(each), invites(each)]);
    expect(['ok', 'already-a-member']).toContain(knocked);
    expect(invited).toBe('ok');
    expect(await waiting()).toEqual([]);
  }
});

test('accepts knocks at rooms with an invitation policy only', async () => {
  expect(await knocks(bob, await open('open', 'hall'))).toBe('entry-refused');
  expect(await knocks(bob, await open('direct', 'two'))).toBe('entry-refused');
  expect(await knocks(bob, await open('verified', 'vault'))).toBe('ok');
  expect(await knocks(bob, '0'.repeat(64))).toBe('unknown-room');
});

test('accepts only knocks that the user has signed for this room', async () => {
  const vault = await open('verified', 'vault');
  const good = knock(bob.who, id);
  const wrong = [
    knock(bob.who, vault),
    knock(alice.who, id),
    knock({ user: 'bob', signer: alice.who.signer }, id),
    knock({ user: 'alice', signer: bob.who.signer }, id),
    { ...good, payload: `${good.payload} ` },
    { ...good, by: alice.who.signer.fingerprint },
    knock(bob.who, id, { room: vault }),
    knock(bob.who, id, { key: toBase64url(alice.who.signer.publicKey) }),
    { ...good, payload: '{}' },
  ];
  for (const [index, each] of wrong.entries()) expect(await knocks(bob, id, each), String(index)).toBe('entry-refused');
  expect(await waiting()).toEqual([]);
});

test('deletes the knocks of a revoked user', async () => {
  await knocks(bob);
  await at.server.revoke('bob', 'cessationOfOperation');
  expect(await waiting()).toEqual([]);
});
