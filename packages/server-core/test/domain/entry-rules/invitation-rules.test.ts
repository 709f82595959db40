/** Rooms that not everybody may join: who invites whom, what the invited get, and when it is taken back. */
import type { Policy } from '@chat/protocol';
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
  wrapsFor,
} from '../../support/entries.ts';
import { codeOf, type TestClient } from '../../support/test-client.ts';
import { type Citizen, certificateFor, type Member, type TestServer, testServer } from '../../support/test-server.ts';

let disk: MemoryDisk;
let at: TestServer;
let ada: Member;
let bob: Member;
let eve: Member;
let id: string;

async function open(join: Policy['join'], history: Policy['history'] = 'since-join', name = 'den'): Promise<string> {
  const { entry, room } = create(ada.who, name, { join, history });
  await ada.client.request('create-room', { cid: newCid(), entry });
  return room;
}

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { requestBurst: 10_000, invitesPerHour: 10 } });
  [ada, bob, eve] = [await at.member('ada'), await at.member('bob'), await at.member('eve')];
  id = await open('invite');
});
afterEach(() => at[Symbol.asyncDispose]());

const append = (client: TestClient, entry: ReturnType<typeof message>, room = id) =>
  codeOf(client.request('append', { room, cid: newCid(), entry }));
const head = (room = id) => disk.rooms.get(room)?.head ?? 0;

const invites = (by: Member, about: Citizen, { verified = false, room = id } = {}) =>
  append(by.client, invite(by.who, room, { about, seq: head(room) }, verified), room);
const joins = ({ who, client }: Member, room = id) => append(client, join(who, room, head(room)), room);
const removes = (by: Member, about: Citizen, seq = head()) => append(by.client, remove(by.who, id, { about, seq }));

describe('who is not invited', () => {
  test('does not get in, and is not told of the room unless they know its name', async () => {
    expect(await joins(bob)).toBe('not-invited');
    expect((await bob.client.request('list-rooms', {})).rooms).toEqual([]);
    const policy = { join: 'invite', history: 'since-join' };
    expect(await bob.client.request('find-room', { name: 'den' })).toMatchObject({
      joined: false,
      policy,
      invitedAt: null,
    });
  });

  test('nor does who has an invited name or an invited key, but not both', async () => {
    const room = await open('open', 'since-join', 'hall');
    const { fingerprint, publicKey: identity } = bob.who.signer;
    await at.store.register({ user: 'eva', fingerprint, identity, enrolledAt: 1 }, null);
    const eva = { user: 'eva', signer: bob.who.signer, ...certificateFor({ user: 'eva', fingerprint }) };
    const evas = { who: eva, client: await at.login(eva) };
    for (const each of [id, room]) {
      expect(await invites(ada, bob.who, { room: each })).toBe('ok');
      expect(await joins(evas, each)).toBe('not-invited');
      expect(await invites(ada, eva, { room: each })).toBe('already-a-member');
      expect(await joins(bob, each)).toBe('ok');
    }
  });
});

describe('an invitation', () => {
  test('is told at once and listed, lets in, and is used up', async () => {
    expect(await invites(ada, bob.who)).toBe('ok');
    expect(await bob.client.first('invited')).toEqual({ push: 'invited', room: id, name: 'den', by: 'ada' });
    const policy = { join: 'invite', history: 'since-join' };
    expect(await bob.client.request('list-invitations', {})).toEqual({
      invitations: [{ room: id, name: 'den', by: 'ada', policy }],
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

  test('is not for a member, an invited one, or who was taken out', async () => {
    expect(await invites(ada, ada.who)).toBe('already-a-member');
    expect(await invites(ada, bob.who)).toBe('ok');
    expect(await invites(ada, bob.who)).toBe('already-a-member');
    await joins(bob);
    expect(await invites(bob, ada.who)).toBe('already-a-member');
    await removes(ada, bob.who);
    expect(await invites(ada, bob.who)).toBe('removed');
    await append(ada.client, giveRole(ada.who, id, 'member', { about: bob.who, seq: head() }));
    expect(await joins(bob)).toBe('not-invited');
    expect(await invites(ada, bob.who)).toBe('ok');
    expect(await joins(bob)).toBe('ok');
  });

  test('is a member’s, of a registered user with the key that they are registered with', async () => {
    expect(await invites(bob, eve.who)).toBe('not-a-member');
    const nobody = { ...bob.who, user: 'nobody' };
    expect(await invites(ada, nobody)).toBe('unknown-user');
    expect(await invites(ada, { ...bob.who, signer: eve.who.signer })).toBe('unknown-user');
    const good = JSON.parse(invite(ada.who, id, { about: bob.who, seq: 1 }).payload);
    const named = { ...good, fingerprint: eve.who.signer.fingerprint };
    expect(await append(ada.client, signed<'invite'>(ada.who, named))).toBe('entry-refused');
    await at.server.revoke('eve', 'cessationOfOperation');
    expect(await invites(ada, eve.who)).toBe('unknown-user');
    expect(await invites(ada, bob.who)).toBe('ok');
  });

  test('from before somebody went is to be made anew: it could be one of who went', async () => {
    await invites(ada, bob.who);
    await joins(bob);
    const seq = head();
    const kept = invite(ada.who, id, { about: bob.who, seq });
    await append(bob.client, leave(bob.who, id, seq));
    expect(await append(ada.client, kept)).toBe('stale-view');
    expect(await invites(ada, bob.who)).toBe('ok');
    await removes(ada, bob.who);
    expect(await append(ada.client, invite(ada.who, id, { about: bob.who, seq: seq + 1 }))).toBe('stale-view');
  });

  test('counts as one of those whom a room holds', async () => {
    const state = disk.rooms.get(id);
    if (state === undefined) throw new Error();
    const filler = Array.from({ length: 998 }, (_, index) => {
      return { user: `user-${index}`, fingerprint: `${index}`, seq: 1, by: 'ada' };
    });
    disk.rooms.set(id, { ...state, invited: filler });
    expect(await invites(ada, bob.who)).toBe('ok');
    expect(await invites(ada, eve.who)).toBe('room-full');
    expect(await joins(bob)).toBe('ok');
  });

  test('is one of so many an hour', async () => {
    for (let count = 0; count < 10; count++) {
      expect(await invites(ada, bob.who)).toBe('ok');
      // what is refused does not count
      expect(await invites(ada, bob.who)).toBe('already-a-member');
      expect(await removes(ada, bob.who)).toBe('ok');
    }
    expect(await invites(ada, bob.who)).toBe('limit-reached');
  });

  test('of two at once, or with a join, is decided once', async () => {
    const room = await open('direct', 'since-join', 'two');
    const codes = await Promise.all([invites(ada, bob.who, { room }), invites(ada, eve.who, { room })]);
    expect(codes.sort()).toEqual(['not-allowed', 'ok']);
    await invites(ada, bob.who);
    await joins(bob);
    expect(await Promise.all([invites(ada, eve.who), invites(bob, eve.who), joins(eve)])).toContain('already-a-member');
    expect(disk.rooms.get(id)?.invited.length).toBeLessThan(2);
  });
});

describe('policies', () => {
  test('verified: only by whoever says that they have compared safety numbers', async () => {
    const room = await open('verified', 'since-join', 'vault');
    expect(await invites(ada, bob.who, { room })).toBe('not-allowed');
    expect(await invites(ada, bob.who, { room, verified: true })).toBe('ok');
    expect(await joins(eve, room)).toBe('not-invited');
    expect(await joins(bob, room)).toBe('ok');
  });

  test('direct: two, whether they have joined or not', async () => {
    const room = await open('direct', 'since-join', 'two');
    expect(await invites(ada, bob.who, { room })).toBe('ok');
    expect(await invites(ada, eve.who, { room })).toBe('not-allowed');
    expect(await joins(bob, room)).toBe('ok');
    expect(await invites(bob, eve.who, { room })).toBe('not-allowed');
  });

  test('open: for everybody, invited or not', async () => {
    const room = await open('open', 'since-join', 'hall');
    expect(await invites(ada, bob.who, { room })).toBe('ok');
    expect(await joins(eve, room)).toBe('ok');
    expect(await joins(bob, room)).toBe('ok');
    expect((await bob.client.request('list-rooms', {})).rooms).toMatchObject([{ name: 'hall', joined: true }]);
  });
});

describe('what the invited are given', () => {
  const key = async (number: number, kind: 'fresh' | 'step', to: readonly Citizen[], room = id, past?: string) => {
    const state = disk.rooms.get(room);
    const wraps = wrapsFor(...to);
    const previous = state?.epoch?.hash ?? '0'.repeat(64);
    const fields = { number, previous, kind, answers: state?.membershipSeq ?? 0, wraps, ...(past && { past }) };
    const put = to.length === 0 ? 'ok' : await codeOf(ada.client.request('put-wraps', { room, number, wraps }));
    return put === 'ok' ? append(ada.client, epoch(ada.who, room, fields), room) : put;
  };

  test('wraps like a member’s, fetched after the join', async () => {
    expect(await key(1, 'fresh', [ada.who])).toBe('ok');
    await invites(ada, bob.who);
    expect(await key(2, 'step', [eve.who])).toBe('wraps-mismatch');
    expect(await key(2, 'step', [bob.who])).toBe('ok');
    await invites(ada, eve.who);
    expect(await key(3, 'step', [bob.who])).toBe('wraps-mismatch');
    expect(await key(3, 'fresh', [ada.who, bob.who, eve.who])).toBe('ok');
    expect(await codeOf(bob.client.request('get-wrap', { room: id, number: 2 }))).toBe('not-a-member');
    await joins(bob);
    for (const number of [2, 3]) await bob.client.request('get-wrap', { room: id, number });
  });

  test('what is said from the invitation on; of what was said before, its hashes', async () => {
    await key(1, 'fresh', [ada.who]);
    await append(ada.client, message(ada.who, id, 1, 'before'));
    await invites(ada, bob.who);
    await key(2, 'step', [bob.who]);
    await append(ada.client, message(ada.who, id, 2, 'for bob'));
    await joins(bob);
    await bob.client.request('subscribe', { room: id, after: 0 });
    await bob.client.first('caught-up');
    const hidden = bob.client.all('stub').map(({ seq }) => seq);
    expect(hidden).toEqual([3]);
    expect(bob.client.positions(id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(disk.rooms.get(id)?.members[1]).toMatchObject({ joinedAt: 7, readsFrom: 4 });
  });

  test('so nothing is said before they have a key, nor between their join and it', async () => {
    await key(1, 'fresh', [ada.who]);
    await invites(ada, bob.who);
    expect(await append(ada.client, message(ada.who, id, 1))).toBe('rekey-pending');
    await joins(bob);
    expect(await append(ada.client, message(ada.who, id, 1))).toBe('rekey-pending');
    expect(await key(2, 'step', [bob.who])).toBe('ok');
    expect(await append(ada.client, message(ada.who, id, 2))).toBe('ok');
    await invites(ada, eve.who);
    expect(await append(ada.client, message(ada.who, id, 2))).toBe('rekey-pending');
    expect(await key(3, 'step', [eve.who])).toBe('ok');
    // they have it already
    await joins(eve);
    expect(await append(ada.client, message(ada.who, id, 3))).toBe('ok');
  });

  test('all of it where the history is for all; only there a key leads to the one before', async () => {
    expect(await key(1, 'fresh', [ada.who], id, 'token')).toBe('epoch-conflict');
    const room = await open('open', 'all', 'hall');
    expect(await key(1, 'fresh', [ada.who], room, 'token')).toBe('epoch-conflict');
    expect(await key(1, 'fresh', [ada.who], room)).toBe('ok');
    await append(ada.client, message(ada.who, room, 1, 'before'), room);
    await joins(bob, room);
    expect(await key(2, 'step', [bob.who], room, 'token')).toBe('ok');
    await key(1, 'fresh', [ada.who]);
    await invites(ada, eve.who);
    expect(await key(2, 'step', [eve.who], id, 'token')).toBe('epoch-conflict');
    await bob.client.request('subscribe', { room, after: 0 });
    await bob.client.first('caught-up');
    expect(bob.client.all('stub')).toEqual([]);
  });

  test('nothing, once it is taken back: the room needs a fresh key then', async () => {
    await key(1, 'fresh', [ada.who]);
    await invites(ada, bob.who);
    await key(2, 'step', [bob.who]);
    expect(await removes(ada, bob.who)).toBe('ok');
    expect(await append(ada.client, message(ada.who, id, 2))).toBe('rekey-pending');
    expect(await key(3, 'fresh', [ada.who, bob.who])).toBe('wraps-mismatch');
    expect(await key(3, 'step', [])).toBe('epoch-conflict');
    expect(await key(3, 'fresh', [ada.who])).toBe('ok');
    expect(await joins(bob)).toBe('not-invited');
  });
});

describe('taking an invitation back', () => {
  test('is for its author, the owner and moderators, having seen it', async () => {
    await invites(ada, bob.who);
    await joins(bob);
    await invites(bob, eve.who);
    const dan = await at.member('dan');
    const seq = head();
    await invites(ada, dan.who);
    expect(await removes(bob, dan.who)).toBe('not-allowed');
    expect(await removes(ada, eve.who, seq - 1)).toBe('entry-refused');
    expect(await removes(bob, eve.who)).toBe('ok');
    await append(ada.client, giveRole(ada.who, id, 'moderator', { about: bob.who, seq: head() }));
    expect(await removes(bob, dan.who)).toBe('ok');
    expect(disk.rooms.get(id)).toMatchObject({ invited: [], removed: [], removalSeq: head() });
    expect(await removes(bob, dan.who)).toBe('unknown-member');
    // it is no removal: nothing needs to be taken back before the next
    expect(await invites(bob, dan.who)).toBe('ok');
    expect(await removes(ada, dan.who)).toBe('ok');
  });
});
