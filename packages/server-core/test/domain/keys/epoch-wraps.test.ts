/** The wraps of an epoch, over the chat port: which of them the server takes, and how they reach their recipients. */
import { entryHash, isWrapOf, limits } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { epoch, message, newCid } from '../../support/entries.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { type Member, room, type TestServer, testServer } from '../../support/test-server.ts';
import { commitmentOf, linkId, listOf, noneFor, putWraps, storeLinks, wrapsFor } from '../../support/wraps.ts';

let at: TestServer;
let alice: Member;
let bob: Member;
let id: string;
let next: { readonly number: number; readonly previous: string; readonly answers: number; readonly reason: 'age' };

beforeEach(async () => {
  at = await testServer();
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
  const { id: made, key } = await room('den', [alice, bob]);
  id = made;
  next = { number: 2, previous: entryHash(key), answers: 2, reason: 'age' };
});
afterEach(() => at[Symbol.asyncDispose]());

const keyOf = ({ who }: Member) => who.signer.fingerprint;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Returns the place of a member among the recipients. */
const placeOf = (member: Member) => [keyOf(alice), keyOf(bob)].sort().indexOf(keyOf(member));
const put = (wraps: ReturnType<typeof wrapsFor>) =>
  alice.client.request('put-wraps', { room: id, number: 2, kind: 'fresh', first: 0, wraps: listOf(wraps).slots });
const append = (wraps: ReturnType<typeof wrapsFor>) =>
  outcomeOf(
    alice.client.request('append', { room: id, cid: newCid(), entry: epoch(alice.who, id, { ...next, wraps }) }),
  );

test('a wrap over a link that the server does not know is named and not taken', async () => {
  const wraps = [...noneFor(alice.who), ...wrapsFor(bob.who)];
  await at.store.loseLinks([{ from: keyOf(alice), to: keyOf(bob), id: linkId }]);
  expect((await put(wraps)).unknown).toEqual([placeOf(bob)]);
  expect(await append(wraps)).toBe('wraps-mismatch');
  // The link of another sender is none of Alice's.
  await storeLinks(at.store, bob.who, wraps);
  expect((await put(wraps)).unknown).toEqual([placeOf(bob)]);
  // Without that wrap the epoch can be made.
  const without = noneFor(alice.who, bob.who);
  expect(await put(without)).toEqual({ unknown: [], unread: [] });
  expect(await append(without)).toBe('ok');
});

test('an unknown wrap takes the place of a good one that was put before', async () => {
  const wraps = [...noneFor(alice.who), ...wrapsFor(bob.who)];
  await put(wraps);
  const bad = wraps.map(({ to, wrap }) => ({ to, wrap: to === keyOf(bob) ? Buffer.from(wrap).fill(9, 0, 8) : wrap }));
  expect((await put(bad)).unknown).toEqual([placeOf(bob)]);
  expect(await append(wraps)).toBe('wraps-mismatch');
});

test('the places of members whose opening waits are named, and those of invited users are not', async () => {
  const wraps = [...noneFor(alice.who), ...wrapsFor(bob.who)];
  expect((await put(wraps)).unread).toEqual([placeOf(bob)]);
  await at.store.confirmLinks([{ from: keyOf(alice), to: keyOf(bob), id: linkId }]);
  expect(await put(wraps)).toEqual({ unknown: [], unread: [] });
});

test('a live follower gets its wrap before the entry, and no other', async () => {
  for (const { client } of [alice, bob]) {
    await client.request('subscribe', { room: id, after: 3 });
    await client.first('caught-up');
  }
  const wraps = [...noneFor(alice.who), ...wrapsFor(bob.who)];
  await put(wraps);
  expect(await append(wraps)).toBe('ok');
  await bob.client.until(() => bob.client.positions(id).includes(4));
  const kinds = bob.client.pushes.map(({ push }) => push).filter((push) => push === 'wrap' || push === 'entry');
  expect(kinds).toEqual(['wrap', 'entry']);
  const pushed = await bob.client.first('wrap');
  expect({ ...pushed, wrap: hex(pushed.wrap) }).toEqual({
    push: 'wrap',
    room: id,
    number: 2,
    wrap: hex(wraps.find(({ to }) => to === keyOf(bob))?.wrap ?? new Uint8Array(0)),
  });
  await alice.client.until(() => alice.client.positions(id).includes(4));
  expect(alice.client.all('wrap')).toEqual([]);
});

test('the proof shows which wrap the entry names, and that a recipient was left out', async () => {
  const wraps = [...noneFor(alice.who), ...wrapsFor(bob.who)];
  await put(wraps);
  expect(await append(wraps)).toBe('ok');
  const commitment = commitmentOf(wraps);
  for (const member of [alice, bob]) {
    const { wrap, ...proof } = await member.client.request('get-wrap-proof', { room: id, number: 2 });
    const shown = wrap?.length === 0 ? null : wrap;
    expect(shown === null).toBe(member === alice);
    expect(isWrapOf(commitment, Buffer.from(keyOf(member), 'hex'), { ...proof, wrap: shown })).toBe(true);
  }
});

test('the openings to a revoked user are deleted, and not those from the user, which others have not read', async () => {
  const links = async () => (await at.store.linksFrom(keyOf(alice))).map(({ to }) => to).sort();
  await putWraps(bob, { room: id, number: 2, wraps: wrapsFor(alice.who, bob.who) });
  expect(await links()).toEqual([keyOf(alice), keyOf(bob)].sort());
  expect(await at.store.linksTo(keyOf(bob), 9)).toHaveLength(2);
  await at.server.revoke('bob', 'keyCompromise');
  expect(await links()).toEqual([keyOf(alice)]);
  expect((await at.store.linksFrom(keyOf(bob))).map(({ to }) => to)).toEqual([keyOf(alice)]);
  expect(await at.store.linksTo(keyOf(bob), 9)).toEqual([]);
});

test('wraps beyond the last recipient are refused, and a message under the new key is taken', async () => {
  const wraps = wrapsFor(alice.who, bob.who);
  const fields = { room: id, number: 2, kind: 'fresh', wraps: listOf(wraps).slots } as const;
  expect(await outcomeOf(alice.client.request('put-wraps', { ...fields, first: 1 }))).toBe('wraps-mismatch');
  expect(await outcomeOf(alice.client.request('put-wraps', { ...fields, first: limits.roomMembers }))).toBe(
    'wraps-mismatch',
  );
  await putWraps(alice, { room: id, number: 2, wraps });
  expect(await append(wraps)).toBe('ok');
  const said = { room: id, cid: newCid(), entry: message(bob.who, id, 2) };
  expect(await outcomeOf(bob.client.request('append', said))).toBe('ok');
});

test('the wraps of an epoch are those that it names, put by the same connection for its kind, in any order', async () => {
  const both = wrapsFor(alice.who, bob.who);
  await storeLinks(at.store, alice.who, both);
  const { slots } = listOf(both);
  const part = (first: number, wraps: Uint8Array, kind: 'fresh' | 'step' = 'fresh', { client } = alice) =>
    client.request('put-wraps', { room: id, number: 2, kind, first, wraps });
  expect(await outcomeOf(part(0, slots.subarray(1)))).toBe('malformed-request');
  await part(0, slots.subarray(0, 60));
  expect(await append(both)).toBe('wraps-mismatch');
  // Those of another number, or on another connection, do not count.
  await alice.client.request('put-wraps', { room: id, number: 3, kind: 'fresh', first: 0, wraps: slots });
  expect(await append(both)).toBe('wraps-mismatch');
  await part(0, slots, 'fresh', { ...alice, client: await at.login(alice.who) });
  expect(await append(both)).toBe('wraps-mismatch');
  // An attempt uses up what was put.
  await put(both);
  expect(await append(wrapsFor(alice.who, bob.who))).toBe('wraps-mismatch');
  expect(await append(both)).toBe('wraps-mismatch');
  // Both may be on their way at once, the last one first.
  await Promise.all([part(1, slots.subarray(60)), part(0, slots.subarray(0, 60))]);
  expect(await append(both)).toBe('ok');
  const { wraps } = await bob.client.request('get-wraps', { room: id, from: 2, to: 9 });
  expect(wraps.map(({ number, wrap }) => [number, hex(wrap)])).toEqual([
    [2, hex(both.find(({ to }) => to === keyOf(bob))?.wrap ?? new Uint8Array(0))],
  ]);
});
