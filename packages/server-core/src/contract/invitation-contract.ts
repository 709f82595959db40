/** Contract of `RoomStore` for policies, room invitations, knocks and revocations in rooms. */
import assert from 'node:assert/strict';
import type { Policy } from '@chat/protocol';
import { assertMatches } from './assert-matches.ts';
import {
  createOf,
  declineOf,
  entryOf,
  hashOf,
  inviteOf,
  joinOf,
  knockOf,
  knocksWaiting,
  leaveOf,
  removeOf,
  revokeOf,
  withdrawOf,
} from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const room = hashOf('room');
const byInvitation: Policy = { join: 'invite', history: 'all' };

/** Adds the tests of policies, room invitations and revocations in rooms. */
export function invitationContract(test: ContractTest): void {
  test('keeps the policy of a room, also after reopening', async (subject) => {
    const policies = [byInvitation, { join: 'verified', history: 'since-join' }, { join: 'direct', history: 'all' }];
    for (const policy of policies)
      await subject.store.append(createOf(hashOf(policy.join), policy.join, 'alice', policy as Policy));
    await subject.reopen();
    for (const policy of policies) assertMatches(await subject.store.load(hashOf(policy.join)), { policy });
  });

  test('keeps an invitation until it is used, also after reopening', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    await subject.store.append(inviteOf(room, 2, 'alice', 'bob'));
    await subject.store.append(inviteOf(room, 3, 'alice', 'carol'));
    const at = (seq: number) => inviteOf(room, seq, 'alice', 'bob').at;
    const invited = (user: string, seq: number) => ({ user, fingerprint: hashOf(user), seq, by: 'alice', at: at(seq) });
    for (let round = 0; round < 2; round++) {
      assertMatches(await subject.store.load(room), {
        invited: [invited('bob', 2), invited('carol', 3)],
        membershipSeq: 3,
        removalSeq: 0,
      });
      const waiting = { room, name: 'den', by: 'alice', policy: byInvitation, at: at(2) };
      assert.deepEqual(await subject.store.invitationsOf('bob', { limit: 10 }), [waiting]);
      assert.deepEqual(await subject.store.roomsOf('bob'), []);
      await subject.reopen();
    }
    await subject.store.append(joinOf(room, 4, 'bob', 2));
    await subject.reopen();
    const state = await subject.store.load(room);
    assertMatches(state, { invited: [invited('carol', 3)], membershipSeq: 4 });
    assertMatches(
      state?.members.find(({ user }) => user === 'bob'),
      { joinedAt: 4, readsFrom: 2 },
    );
    assert.deepEqual(await subject.store.invitationsOf('bob', { limit: 10 }), []);
  });

  test('counts a withdrawal and a decline as a removal without a removed user', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    for (const [round, end] of [withdrawOf(room, 3, 'alice', 'bob'), declineOf(room, 5, 'bob')].entries()) {
      const seq = 2 * round + 2;
      await subject.store.append(inviteOf(room, seq, 'alice', 'bob'));
      await subject.store.append(end);
      await subject.reopen();
      const after = { invited: [], removed: [], membershipSeq: seq + 1, removalSeq: seq + 1 };
      assertMatches(await subject.store.load(room), after);
      assert.deepEqual(await subject.store.invitationsOf('bob', { limit: 10 }), []);
    }
    await subject.store.append(inviteOf(room, 6, 'alice', 'bob'));
    assert.equal((await subject.store.load(room))?.invited.length, 1);
  });

  test('lists invitations by room name, in pages', async (subject) => {
    for (const name of ['c', 'a', 'd', 'b']) {
      await subject.store.append(createOf(hashOf(name), name, 'alice', byInvitation));
      await subject.store.append(inviteOf(hashOf(name), 2, 'alice', 'bob'));
    }
    const names = async (after: string | null, limit: number) =>
      (await subject.store.invitationsOf('bob', { after, limit })).map(({ name }) => name);
    assert.deepEqual(await names(null, 3), ['a', 'b', 'c']);
    assert.deepEqual(await names('c', 3), ['d']);
    assert.deepEqual(await names('bb', 1), ['c']);
  });

  test('leaves out invitations from a time or before, except to direct rooms, in lists only', async (subject) => {
    for (const [index, join] of (['invite', 'verified', 'direct', 'open'] as const).entries()) {
      await subject.store.append(createOf(hashOf(join), join, 'alice', { join, history: 'since-join' }));
      await subject.store.append({ ...inviteOf(hashOf(join), 2, 'alice', 'bob'), at: 1_000 * (index + 1) });
    }
    await subject.store.append({ ...inviteOf(hashOf('invite'), 3, 'alice', 'carol'), at: 9_000 });
    await subject.reopen();
    const both = async (invitedAfter: number, after: string | null = null, limit = 10) => {
      const rooms = await subject.store.list('bob', { after, limit, invitedAfter });
      const invitations = await subject.store.invitationsOf('bob', { after, limit, invitedAfter });
      return [rooms.map(({ name }) => name), invitations.map(({ name }) => name)];
    };
    const all = ['direct', 'invite', 'open', 'verified'];
    assert.deepEqual(await both(999), [all, all]);
    assert.deepEqual(await both(1_000), [
      ['direct', 'open', 'verified'],
      ['direct', 'open', 'verified'],
    ]);
    assert.deepEqual(await both(4_000), [['direct', 'open'], ['direct']]);
    // The limit counts listed rooms only.
    assert.deepEqual(await both(1_000, 'direct', 1), [['open'], ['open']]);
    assertMatches(await subject.store.findRoom('invite', 'bob'), { invitedAt: 2, invitedSince: 1_000 });
    assert.equal((await subject.store.load(hashOf('invite')))?.invited.length, 2);
  });

  test('drops the invitations of a room that closes', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    await subject.store.append(inviteOf(room, 2, 'alice', 'bob'));
    await subject.store.append(leaveOf(room, 3, 'alice', { closes: true }));
    await subject.reopen();
    assertMatches(await subject.store.load(room), { name: null, invited: [] });
    assert.deepEqual(await subject.store.invitationsOf('bob', { limit: 10 }), []);
  });

  test('lists a room for users who may join it, and for its members and invited users', async (subject) => {
    await subject.store.append(createOf(hashOf('open'), 'open', 'alice'));
    for (const join of ['invite', 'verified', 'direct'] as const) {
      await subject.store.append(createOf(hashOf(join), join, 'alice', { join, history: 'since-join' }));
    }
    await subject.store.append(inviteOf(hashOf('direct'), 2, 'alice', 'bob'));
    const listed = async (user: string) =>
      (await subject.store.list(user, { limit: 10 })).map(({ name, joined }) => [name, joined]);
    assert.deepEqual(
      await listed('alice'),
      ['direct', 'invite', 'open', 'verified'].map((name) => [name, true]),
    );
    assert.deepEqual(await listed('bob'), [
      ['direct', false],
      ['open', false],
    ]);
    assert.deepEqual(await listed('carol'), [['open', false]]);
    // The limit counts listed rooms only.
    assert.deepEqual(
      (await subject.store.list('bob', { after: 'direct', limit: 1 })).map(({ name }) => name),
      ['open'],
    );
  });

  test('finds a room by its name as it is for each user, also after reopening', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    for (const [index, user] of ['bob', 'carol', 'dave'].entries())
      await subject.store.append(joinOf(room, 2 + index, user));
    await subject.store.append(leaveOf(room, 5, 'carol'));
    await subject.store.append(removeOf(room, 6, 'alice', 'dave'));
    await subject.store.append(inviteOf(room, 7, 'alice', 'zoe'));
    await subject.store.append(revokeOf(room, 8, 'eve', null));
    for (let round = 0; round < 2; round++) {
      const found = { room, name: 'den', policy: byInvitation, head: 8, members: 2 };
      const isRemoved = false;
      const [invitedAt, invitedSince] = [null, null];
      const { createdAt } = (await subject.store.load(room)) ?? assert.fail();
      for (const [user, rest] of [
        ['alice', { joined: true, invitedAt, invitedSince, isRemoved }],
        ['carol', { joined: false, invitedAt, invitedSince, isRemoved }],
        ['dave', { joined: false, invitedAt, invitedSince, isRemoved: true }],
        ['eve', { joined: false, invitedAt, invitedSince, isRemoved: true }],
        ['zoe', { joined: false, invitedAt: 7, invitedSince: 1_000_007, isRemoved }],
      ] as const) {
        assert.deepEqual(await subject.store.findRoom('den', user), { ...found, createdAt, ...rest });
      }
      assert.deepEqual(
        (await subject.store.list('alice', { limit: 10 })).map(({ members }) => members),
        [2],
      );
      await subject.reopen();
    }
    await subject.store.append(joinOf(room, 9, 'carol'));
    await subject.store.append(joinOf(room, 10, 'zoe', 7));
    await subject.store.append(revokeOf(room, 11, 'zoe'));
    assertMatches(await subject.store.findRoom('den', 'zoe'), { members: 3, head: 11, isRemoved: true });
  });

  test('takes a revoked member or invited user out, records other revoked users, and stores no author', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(inviteOf(room, 3, 'alice', 'carol'));
    await subject.store.append(revokeOf(room, 4, 'dave', null));
    assertMatches(await subject.store.load(room), { membershipSeq: 3, removalSeq: 0 });
    await subject.store.append(revokeOf(room, 5, 'carol'));
    await subject.store.append(revokeOf(room, 6, 'alice', { successor: 'bob' }));
    await subject.reopen();
    const revocation = (user: string, seq: number) => ({ user, fingerprint: hashOf(user), seq });
    assertMatches(await subject.store.load(room), {
      head: 6,
      members: [{ user: 'bob', role: 'owner', roleSeq: 6 }],
      invited: [],
      removed: [],
      revoked: [revocation('dave', 4), revocation('carol', 5), revocation('alice', 6)],
      membershipSeq: 6,
      removalSeq: 6,
    });
    assert.deepEqual(await subject.store.roomsOf('alice'), []);
    await subject.store.append(entryOf(room, 7, 'bob'));
    await subject.store.append(revokeOf(room, 8, 'bob', { closes: true }));
    assertMatches(await subject.store.load(room), { name: null, members: [], head: 8 });
  });
}

/** Adds the tests of knocks. */
export function knockContract(test: ContractTest): void {
  test('keeps the latest knock of each user, in the order of arrival, and lets the oldest give way', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    for (const [now, user] of ['zoe', 'bob', 'carol'].entries())
      assert.equal(await subject.store.putKnock(room, user, knockOf(user), knocksWaiting(now)), true);
    assert.equal(await subject.store.putKnock(room, 'zoe', knockOf('zoe', 'again'), knocksWaiting(3)), true);
    await subject.reopen();
    const waiting = [knockOf('bob'), knockOf('carol'), knockOf('zoe', 'again')];
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(3)), waiting);
    assert.equal(await subject.store.putKnock(room, 'dave', knockOf('dave'), knocksWaiting(3, { perRoom: 3 })), true);
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(3)), [...waiting.slice(1), knockOf('dave')]);
    assert.deepEqual(await subject.store.knocksOf('bob', knocksWaiting(3)), []);
    assert.deepEqual(await subject.store.knocksAt(hashOf('other'), knocksWaiting(3)), []);
  });

  test('keeps a number of knocks of one user at all rooms, the latest', async (subject) => {
    const rooms = ['a', 'b', 'c', 'd'];
    for (const name of rooms) await subject.store.append(createOf(hashOf(name), name, 'alice', byInvitation));
    for (const [now, name] of rooms.entries())
      await subject.store.putKnock(hashOf(name), 'bob', knockOf('bob'), knocksWaiting(now, { perUser: 3 }));
    assert.deepEqual(await subject.store.knocksOf('bob', knocksWaiting(4)), ['d', 'c', 'b'].map(hashOf));
    assert.deepEqual(await subject.store.knocksAt(hashOf('a'), knocksWaiting(4)), []);
    assert.deepEqual(await subject.store.knocksOf('carol', knocksWaiting(4)), []);
  });

  test('keeps the maximum number of knocks that come at once', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    const users = Array.from({ length: 10 }, (_, index) => `user-${index}`);
    await Promise.all(
      users.map((user) => subject.store.putKnock(room, user, knockOf(user), knocksWaiting(0, { perRoom: 4 }))),
    );
    assert.equal((await subject.store.knocksAt(room, knocksWaiting(0))).length, 4);
  });

  test('ends a knock at its age', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    await subject.store.putKnock(room, 'bob', knockOf('bob'), knocksWaiting(0));
    assert.deepEqual(await subject.store.knocksOf('bob', knocksWaiting(999)), [room]);
    for (const now of [1_000, 2_000]) {
      assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(now)), []);
      assert.deepEqual(await subject.store.knocksOf('bob', knocksWaiting(now)), []);
      assert.equal(await subject.store.dismissKnock(room, 'bob', knocksWaiting(now)), false);
    }
    assert.equal(await subject.store.putKnock(room, 'bob', knockOf('bob'), knocksWaiting(2_000)), true);
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(2_000)), [knockOf('bob')]);
  });

  test('conceals a dismissed knock from the room, and for a while the dismissal from its user', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    await subject.store.putKnock(room, 'bob', knockOf('bob'), knocksWaiting(0));
    assert.equal(await subject.store.dismissKnock(room, 'carol', knocksWaiting(1)), false);
    assert.equal(await subject.store.dismissKnock(room, 'bob', knocksWaiting(1)), true);
    assert.equal(await subject.store.dismissKnock(room, 'bob', knocksWaiting(1)), false);
    await subject.reopen();
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(2)), []);
    assert.deepEqual(await subject.store.knocksOf('bob', knocksWaiting(100)), [room]);
    assert.equal(await subject.store.putKnock(room, 'bob', knockOf('bob'), knocksWaiting(100)), false);
    assert.deepEqual(await subject.store.knocksOf('bob', knocksWaiting(101)), []);
    assert.equal(await subject.store.putKnock(room, 'bob', knockOf('bob'), knocksWaiting(101)), true);
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(101)), [knockOf('bob')]);
  });

  test('drops the knock of a user who is invited, joins or is revoked, in the order of the calls', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    await Promise.all([
      ...['bob', 'dave', 'carol', 'zoe'].map((user) =>
        subject.store.putKnock(room, user, knockOf(user), knocksWaiting(0)),
      ),
      subject.store.append(inviteOf(room, 2, 'alice', 'bob')),
      subject.store.append(joinOf(room, 3, 'dave')),
      subject.store.append(revokeOf(room, 4, 'carol', null)),
    ]);
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(0)), [knockOf('zoe')]);
    await subject.store.append(removeOf(room, 5, 'alice', 'dave'));
    await subject.reopen();
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(0)), [knockOf('zoe')]);
  });

  test('drops the knocks of a room that closes, and keeps that of a user whose invitation ends', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice', byInvitation));
    await subject.store.append(inviteOf(room, 2, 'alice', 'bob'));
    for (const user of ['bob', 'carol']) await subject.store.putKnock(room, user, knockOf(user), knocksWaiting(0));
    await subject.store.append(withdrawOf(room, 3, 'alice', 'bob'));
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(0)), [knockOf('bob'), knockOf('carol')]);
    await subject.store.append(leaveOf(room, 4, 'alice', { closes: true }));
    await subject.reopen();
    assert.deepEqual(await subject.store.knocksAt(room, knocksWaiting(0)), []);
  });
}
