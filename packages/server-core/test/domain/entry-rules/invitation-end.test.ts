/** The end of an invitation by its age, by the server's clock. */
import { limits, type Policy } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import { create, decline, invite, join, knock, newCid, remove } from '../../support/entries.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { type Member, type TestServer, testServer } from '../../support/test-server.ts';

let disk: MemoryDisk;
let at: TestServer;
/** How far the server's clock is ahead. */
let ahead: number;
let alice: Member;
let bob: Member;

beforeEach(async () => {
  disk = new MemoryDisk();
  ahead = 0;
  const clock = () => Date.now() + ahead;
  at = await testServer({ store: createMemoryStore(disk), limits: { requestBurst: 10_000 }, clock });
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
});
afterEach(() => at[Symbol.asyncDispose]());

const append = ({ client }: Member, room: string, entry: ReturnType<typeof join>) =>
  outcomeOf(client.request('append', { room, cid: newCid(), entry }));
const head = (room: string) => disk.rooms.get(room)?.head ?? 0;
const invites = (room: string) =>
  append(alice, room, invite(alice.who, room, { about: bob.who, seq: head(room) }, true));
const joins = (room: string) => append(bob, room, join(bob.who, room, head(room)));
const lists = async () => ({
  rooms: (await bob.client.request('list-rooms', {})).rooms.map(({ name }) => name),
  invitations: (await bob.client.request('list-invitations', {})).invitations.map(({ name }) => name),
});

async function invitedTo(policy: Policy['join'], ms: number): Promise<string> {
  const { entry, room } = create(alice.who, policy, { join: policy, history: 'since-join' });
  await alice.client.request('create-room', { cid: newCid(), entry });
  expect(await invites(room)).toBe('ok');
  ahead += ms;
  return room;
}

test.each(['invite', 'verified'] as const)('ends after 30 days in a room of the policy %s', async (policy) => {
  const room = await invitedTo(policy, limits.invitationAge - 60_000);
  expect(await lists()).toEqual({ rooms: [policy], invitations: [policy] });
  expect(await bob.client.request('find-room', { name: policy })).toMatchObject({ invitedAt: 2, members: 1 });
  ahead += 60_000;
  expect(await lists()).toEqual({ rooms: [], invitations: [] });
  // What an outsider gets, and why the invitation is gone.
  expect(await bob.client.request('find-room', { name: policy })).toEqual({
    ...{ room, name: policy, joined: false, policy: { join: policy, history: 'since-join' } },
    ...{ invitedAt: null, invitationExpired: true },
  });
  expect(await joins(room)).toBe('invitation-expired');
  expect(disk.rooms.get(room)?.members).toHaveLength(1);
});

test('its end allows a knock, a decline, a withdrawal, and then another invitation', async () => {
  const room = await invitedTo('invite', limits.invitationAge - 60_000);
  const knocks = () => outcomeOf(bob.client.request('knock', { room, knock: knock(bob.who, room) }));
  expect(await knocks()).toBe('already-a-member');
  ahead += 60_000;
  expect(await knocks()).toBe('ok');
  // The members count the user as invited until one of them withdraws the invitation, so the server does too.
  expect(await invites(room)).toBe('already-a-member');
  expect(await append(alice, room, remove(alice.who, room, { about: bob.who, seq: head(room) }))).toBe('ok');
  expect((await alice.client.request('list-knocks', { room })).knocks).toHaveLength(1);
  expect(await joins(room)).toBe('not-invited');
  expect(await invites(room)).toBe('ok');
  expect(await joins(room)).toBe('ok');

  const other = await invitedTo('verified', limits.invitationAge);
  expect(await append(bob, other, decline(bob.who, other, head(other)))).toBe('ok');
});

test('it keeps no user out of an open room, where the join still uses it up', async () => {
  const room = await invitedTo('open', limits.invitationAge);
  expect(await lists()).toEqual({ rooms: ['open'], invitations: [] });
  expect(await bob.client.request('find-room', { name: 'open' })).toMatchObject({ invitedAt: 2 });
  expect(await joins(room)).toBe('ok');
  expect(disk.rooms.get(room)).toMatchObject({ invited: [], members: [{}, { user: 'bob', readsFrom: 2 }] });
});

test('it does not end in a direct room', async () => {
  const room = await invitedTo('direct', 12 * limits.invitationAge);
  expect(await lists()).toEqual({ rooms: ['direct'], invitations: ['direct'] });
  expect(await joins(room)).toBe('ok');
});

test('a revocation reaches rooms to which the user was invited long ago', async () => {
  const room = await invitedTo('invite', limits.invitationAge);
  expect(await at.server.revoke('bob', 'cessationOfOperation')).toMatchObject({ rooms: 1 });
  expect(disk.rooms.get(room)?.invited).toEqual([]);
});
