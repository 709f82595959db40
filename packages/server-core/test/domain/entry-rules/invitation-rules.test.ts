/** Rooms that need an invitation: invitations, joins, what invited users receive, withdrawals. */
import { limits, type Payload, type Policy, parsePayload } from '@chat/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import {
  create,
  epoch,
  giveRole,
  invite,
  join,
  leave,
  message,
  newCid,
  remove,
  signed,
} from '../../support/entries.ts';
import { outcomeOf, positionsOf, type TestClient } from '../../support/test-client.ts';
import { type Citizen, type Member, type TestServer, testServer } from '../../support/test-server.ts';
import { putWraps, wrapsFor } from '../../support/wraps.ts';

let disk: MemoryDisk;
let at: TestServer;
let alice: Member;
let bob: Member;
let carol: Member;
let id: string;

async function open(join: Policy['join'], history: Policy['history'] = 'since-join', name = 'den'): Promise<string> {
  const { entry, room } = create(alice.who, name, { join, history });
  await alice.client.request('create-room', { cid: newCid(), entry });
  return room;
}

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { requestBurst: 10_000, invitesPerHour: 10 } });
  [alice, bob, carol] = [await at.member('alice'), await at.member('bob'), await at.member('carol')];
  id = await open('invite');
});
afterEach(() => at[Symbol.asyncDispose]());

const append = (client: TestClient, entry: ReturnType<typeof message>, room = id) =>
  outcomeOf(client.request('append', { room, cid: newCid(), entry }));
const head = (room = id) => disk.rooms.get(room)?.head ?? 0;

const again = async ({ who }: Member): Promise<Member> => ({ who, client: await at.login(who) });

const invites = (by: Member, about: Citizen, { verified = false, room = id } = {}) =>
  append(by.client, invite(by.who, room, { about, seq: head(room) }, verified), room);
const joins = ({ who, client }: Member, room = id) => append(client, join(who, room, head(room)), room);
const removes = (by: Member, about: Citizen, seq = head()) => append(by.client, remove(by.who, id, { about, seq }));

describe('a user who is not invited', () => {
  test('cannot join, and sees the room only by its name', async () => {
    expect(await joins(bob)).toBe('not-invited');
    expect((await bob.client.request('list-rooms', {})).rooms).toEqual([]);
    const policy = { join: 'invite', history: 'since-join' };
    // No number of members, no time and no length of the log: they would show when members talk.
    const found = { room: id, name: 'den', joined: false, policy, invitedAt: null };
    expect(await bob.client.request('find-room', { name: 'den' })).toEqual(found);
  });

  test('cannot join with an invited name or an invited key alone', async () => {
    const room = await open('open', 'since-join', 'hall');
    const caro = await at.citizen('caro', bob.who.signer);
    const caroMember = { who: caro, client: await at.login(caro) };
    for (const each of [id, room]) {
      expect(await invites(alice, bob.who, { room: each })).toBe('ok');
      expect(await joins(caroMember, each)).toBe('not-invited');
      expect(await invites(alice, caro, { room: each })).toBe('already-a-member');
      expect(await joins(bob, each)).toBe('ok');
    }
  });
});

describe('an invitation', () => {
  test('notifies the user at once, is listed, allows a join, and is used up', async () => {
    expect(await invites(alice, bob.who)).toBe('ok');
    expect(await bob.client.first('invited')).toEqual({ push: 'invited', room: id, name: 'den', by: 'alice' });
    const policy = { join: 'invite', history: 'since-join' };
    expect(await bob.client.request('list-invitations', {})).toEqual({
      invitations: [{ room: id, name: 'den', by: 'alice', policy, at: expect.any(Number) }],
      more: false,
    });
    expect(await bob.client.request('find-room', { name: 'den' })).toMatchObject({ invitedAt: 2, members: 1 });
    expect((await bob.client.request('list-rooms', {})).rooms).toMatchObject([{ name: 'den', joined: false }]);
    expect(await joins(bob)).toBe('ok');
    expect(await bob.client.request('list-invitations', {})).toEqual({ invitations: [], more: false });
    expect(await bob.client.request('find-room', { name: 'den' })).toMatchObject({ invitedAt: null, joined: true });
    await append(bob.client, leave(bob.who, id, head()));
    expect(await joins(bob)).toBe('not-invited');
  });

  test('is refused for a member, an invited user and a removed user', async () => {
    expect(await invites(alice, alice.who)).toBe('already-a-member');
    expect(await invites(alice, bob.who)).toBe('ok');
    expect(await invites(alice, bob.who)).toBe('already-a-member');
    await joins(bob);
    expect(await invites(bob, alice.who)).toBe('already-a-member');
    await removes(alice, bob.who);
    expect(await invites(alice, bob.who)).toBe('removed');
    await append(alice.client, giveRole(alice.who, id, 'member', { about: bob.who, seq: head() }));
    expect(await joins(bob)).toBe('not-invited');
    expect(await invites(alice, bob.who)).toBe('ok');
    expect(await joins(bob)).toBe('ok');
  });

  test('comes from a member, for a registered user with the registered key', async () => {
    expect(await invites(bob, carol.who)).toBe('not-a-member');
    const unknown = { ...bob.who, user: 'unknown' };
    expect(await invites(alice, unknown)).toBe('unknown-user');
    expect(await invites(alice, { ...bob.who, signer: carol.who.signer })).toBe('unknown-user');
    const good = parsePayload('invite', invite(alice.who, id, { about: bob.who, seq: 1 }).payload);
    const named = { ...good, fingerprint: carol.who.signer.fingerprint };
    expect(await append(alice.client, signed<'invite'>(alice.who, named as Payload<'invite'>))).toBe('entry-refused');
    await at.server.revoke('carol', 'cessationOfOperation');
    expect(await invites(alice, carol.who)).toBe('unknown-user');
    expect(await invites(alice, bob.who)).toBe('ok');
  });

  test('is refused when a member has left since it was signed, because it could be for that member', async () => {
    await invites(alice, bob.who);
    await joins(bob);
    const seq = head();
    const kept = invite(alice.who, id, { about: bob.who, seq });
    await append(bob.client, leave(bob.who, id, seq));
    expect(await append(alice.client, kept)).toBe('stale-view');
    expect(await invites(alice, bob.who)).toBe('ok');
    await removes(alice, bob.who);
    expect(await append(alice.client, invite(alice.who, id, { about: bob.who, seq: seq + 1 }))).toBe('stale-view');
  });

  test('counts towards the number of users that a room holds', async () => {
    const state = disk.rooms.get(id);
    if (state === undefined) throw new Error();
    const filler = Array.from({ length: limits.roomMembers - 2 }, (_, index) => {
      return { user: `user-${index}`, fingerprint: `${index}`, seq: 1, by: 'alice', at: Date.now() };
    });
    disk.rooms.set(id, { ...state, invited: filler });
    // The server that runs has the room in memory.
    await at.server.close();
    at = await testServer({ store: createMemoryStore(disk) });
    [alice, bob] = [await again(alice), await again(bob)];
    expect(await invites(alice, bob.who)).toBe('ok');
    expect(await invites(alice, carol.who)).toBe('room-full');
    expect(await joins(bob)).toBe('ok');
  });

  test('is limited in number per hour', async () => {
    for (let count = 0; count < 10; count++) {
      expect(await invites(alice, bob.who)).toBe('ok');
      // A refused invitation does not count.
      expect(await invites(alice, bob.who)).toBe('already-a-member');
      expect(await removes(alice, bob.who)).toBe('ok');
    }
    expect(await invites(alice, bob.who)).toBe('limit-reached');
  });

  test('is accepted once when two race, or when it races with a join', async () => {
    const room = await open('direct', 'since-join', 'two');
    const codes = await Promise.all([invites(alice, bob.who, { room }), invites(alice, carol.who, { room })]);
    expect(codes.sort()).toEqual(['not-allowed', 'ok']);
    await invites(alice, bob.who);
    await joins(bob);
    expect(await Promise.all([invites(alice, carol.who), invites(bob, carol.who), joins(carol)])).toContain(
      'already-a-member',
    );
    expect(disk.rooms.get(id)?.invited.length).toBeLessThan(2);
  });
});

describe('a policy', () => {
  test('verified requires that the author has verified the user', async () => {
    const room = await open('verified', 'since-join', 'vault');
    expect(await invites(alice, bob.who, { room })).toBe('not-allowed');
    expect(await invites(alice, bob.who, { room, verified: true })).toBe('ok');
    expect(await joins(carol, room)).toBe('not-invited');
    expect(await joins(bob, room)).toBe('ok');
  });

  test('direct allows two users, whether they have joined or not', async () => {
    const room = await open('direct', 'since-join', 'two');
    expect(await invites(alice, bob.who, { room })).toBe('ok');
    expect(await invites(alice, carol.who, { room })).toBe('not-allowed');
    expect(await joins(bob, room)).toBe('ok');
    expect(await invites(bob, carol.who, { room })).toBe('not-allowed');
  });

  test('open allows every user, invited or not', async () => {
    const room = await open('open', 'since-join', 'hall');
    expect(await invites(alice, bob.who, { room })).toBe('ok');
    expect(await joins(carol, room)).toBe('ok');
    expect(await joins(bob, room)).toBe('ok');
    expect((await bob.client.request('list-rooms', {})).rooms).toMatchObject([{ name: 'hall', joined: true }]);
  });
});

describe('an invited user', () => {
  const key = async (number: number, kind: 'fresh' | 'step', to: readonly Citizen[], room = id, past?: string) => {
    const state = disk.rooms.get(room);
    const [wraps, previous] = [wrapsFor(...to), state?.epoch?.hash ?? '0'.repeat(64)];
    const fields = { number, previous, kind, answers: state?.membershipSeq ?? 0, wraps, ...(past && { past }) };
    const put = to.length === 0 ? 'ok' : await outcomeOf(putWraps(alice, { room, number, kind, wraps }));
    return put === 'ok' ? append(alice.client, epoch(alice.who, room, fields), room) : put;
  };

  test('gets wraps like a member, and fetches them before and after the join', async () => {
    expect(await key(1, 'fresh', [alice.who])).toBe('ok');
    await invites(alice, bob.who);
    expect(await key(2, 'step', [carol.who])).toBe('wraps-mismatch');
    expect(await key(2, 'step', [bob.who])).toBe('ok');
    await invites(alice, carol.who);
    expect(await key(3, 'step', [bob.who])).toBe('wraps-mismatch');
    expect(await key(3, 'fresh', [alice.who, bob.who, carol.who])).toBe('ok');
    const { wraps } = await bob.client.request('get-wraps', { room: id, from: 1, to: 9 });
    expect(wraps.map(({ number }) => number)).toEqual([2, 3]);
    await joins(bob);
    expect(await bob.client.request('get-wraps', { room: id, from: 1, to: 9 })).toEqual({ wraps });
  });

  test('can read messages from the invitation on, and gets stubs of those before', async () => {
    await key(1, 'fresh', [alice.who]);
    await append(alice.client, message(alice.who, id, 1, 'before'));
    await invites(alice, bob.who);
    await key(2, 'step', [bob.who]);
    await append(alice.client, message(alice.who, id, 2, 'for bob'));
    await joins(bob);
    await bob.client.request('subscribe', { room: id, after: 0 });
    await bob.client.first('caught-up');
    const hidden = bob.client.all('stubs').flatMap(positionsOf);
    expect(hidden).toEqual([3]);
    expect(bob.client.positions(id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(disk.rooms.get(id)?.members[1]).toMatchObject({ joinedAt: 7, readsFrom: 4 });
  });

  test('stops messages until there is a wrap, before and after the join', async () => {
    await key(1, 'fresh', [alice.who]);
    await invites(alice, bob.who);
    expect(await append(alice.client, message(alice.who, id, 1))).toBe('rekey-pending');
    await joins(bob);
    expect(await append(alice.client, message(alice.who, id, 1))).toBe('rekey-pending');
    expect(await key(2, 'step', [bob.who])).toBe('ok');
    expect(await append(alice.client, message(alice.who, id, 2))).toBe('ok');
    await invites(alice, carol.who);
    expect(await append(alice.client, message(alice.who, id, 2))).toBe('rekey-pending');
    expect(await key(3, 'step', [carol.who])).toBe('ok');
    // Carol has a wrap already.
    await joins(carol);
    expect(await append(alice.client, message(alice.who, id, 3))).toBe('ok');
  });

  test('can read everything where the history is for all; only there an epoch passes on the secret before', async () => {
    expect(await key(1, 'fresh', [alice.who], id, 'token')).toBe('epoch-conflict');
    const room = await open('open', 'all', 'hall');
    expect(await key(1, 'fresh', [alice.who], room, 'token')).toBe('epoch-conflict');
    expect(await key(1, 'fresh', [alice.who], room)).toBe('ok');
    await append(alice.client, message(alice.who, room, 1, 'before'), room);
    await joins(bob, room);
    expect(await key(2, 'step', [bob.who], room, 'token')).toBe('ok');
    await key(1, 'fresh', [alice.who]);
    await invites(alice, carol.who);
    expect(await key(2, 'step', [carol.who], id, 'token')).toBe('epoch-conflict');
    await bob.client.request('subscribe', { room, after: 0 });
    await bob.client.first('caught-up');
    expect(bob.client.all('stubs')).toEqual([]);
  });

  test('gets no key after a withdrawal, and the room needs a fresh key', async () => {
    await key(1, 'fresh', [alice.who]);
    await invites(alice, bob.who);
    await key(2, 'step', [bob.who]);
    expect(await removes(alice, bob.who)).toBe('ok');
    expect(await append(alice.client, message(alice.who, id, 2))).toBe('rekey-pending');
    expect(await key(3, 'fresh', [alice.who, bob.who])).toBe('wraps-mismatch');
    expect(await key(3, 'step', [])).toBe('epoch-conflict');
    expect(await key(3, 'fresh', [alice.who])).toBe('ok');
    expect(await joins(bob)).toBe('not-invited');
  });
});

describe('a withdrawal', () => {
  test('is allowed to the inviting member, the owner and moderators, when they have seen the invitation', async () => {
    await invites(alice, bob.who);
    await joins(bob);
    await invites(bob, carol.who);
    const dave = await at.member('dave');
    const seq = head();
    await invites(alice, dave.who);
    expect(await removes(bob, dave.who)).toBe('not-allowed');
    expect(await removes(alice, carol.who, seq - 1)).toBe('entry-refused');
    expect(await removes(bob, carol.who)).toBe('ok');
    await append(alice.client, giveRole(alice.who, id, 'moderator', { about: bob.who, seq: head() }));
    expect(await removes(bob, dave.who)).toBe('ok');
    expect(disk.rooms.get(id)).toMatchObject({ invited: [], removed: [], removalSeq: head() });
    expect(await removes(bob, dave.who)).toBe('unknown-member');
    // A withdrawal is not a removal: the user can be invited again without a readmission.
    expect(await invites(bob, dave.who)).toBe('ok');
    expect(await removes(alice, dave.who)).toBe('ok');
  });
});
