/** Rooms that not everybody may join: invitations, knocks, and people whose access was revoked. */
import type { Policy } from '@chat/protocol';
import { expect, test } from 'vitest';
import {
  createOf,
  entryOf,
  hashOf,
  inviteOf,
  joinOf,
  knockOf,
  leaveOf,
  removeOf,
  revokeOf,
  withdrawOf,
} from './fixtures.ts';
import type { Subject } from './subject.ts';

const room = hashOf('room');
const byInvitation: Policy = { join: 'invite', history: 'all' };

export function invitationContract(subject: Subject): void {
  test('the policy is kept, also after reopening', async () => {
    const policies = [byInvitation, { join: 'verified', history: 'since-join' }, { join: 'direct', history: 'all' }];
    for (const policy of policies)
      await subject.store.append(createOf(hashOf(policy.join), policy.join, 'ada', policy as Policy));
    await subject.reopen();
    for (const policy of policies) expect(await subject.store.load(hashOf(policy.join))).toMatchObject({ policy });
  });

  test('an invitation is kept until it is used, also after reopening', async () => {
    await subject.store.append(createOf(room, 'den', 'ada', byInvitation));
    await subject.store.append(inviteOf(room, 2, 'ada', 'bob'));
    await subject.store.append(inviteOf(room, 3, 'ada', 'eve'));
    const invited = (user: string, seq: number) => ({ user, fingerprint: hashOf(user), seq, by: 'ada' });
    for (let round = 0; round < 2; round++) {
      expect(await subject.store.load(room)).toMatchObject({
        invited: [invited('bob', 2), invited('eve', 3)],
        membershipSeq: 3,
        removalSeq: 0,
      });
      const waiting = { room, name: 'den', by: 'ada', policy: byInvitation };
      expect(await subject.store.invitationsOf('bob', null, 10)).toEqual([waiting]);
      expect(await subject.store.roomsOf('bob')).toEqual([]);
      await subject.reopen();
    }
    await subject.store.append(joinOf(room, 4, 'bob', 2));
    await subject.reopen();
    const state = await subject.store.load(room);
    expect(state).toMatchObject({ invited: [invited('eve', 3)], membershipSeq: 4 });
    expect(state?.members.find(({ user }) => user === 'bob')).toMatchObject({ joinedAt: 4, readsFrom: 2 });
    expect(await subject.store.invitationsOf('bob', null, 10)).toEqual([]);
  });

  test('an invitation that is taken back counts as a removal and removes nobody', async () => {
    await subject.store.append(createOf(room, 'den', 'ada', byInvitation));
    await subject.store.append(inviteOf(room, 2, 'ada', 'bob'));
    await subject.store.append(withdrawOf(room, 3, 'ada', 'bob'));
    await subject.reopen();
    const after = { invited: [], removed: [], membershipSeq: 3, removalSeq: 3 };
    expect(await subject.store.load(room)).toMatchObject(after);
    expect(await subject.store.invitationsOf('bob', null, 10)).toEqual([]);
    await subject.store.append(inviteOf(room, 4, 'ada', 'bob'));
    expect((await subject.store.load(room))?.invited).toHaveLength(1);
  });

  test('invitations are listed by name, in pages', async () => {
    for (const name of ['c', 'a', 'd', 'b']) {
      await subject.store.append(createOf(hashOf(name), name, 'ada', byInvitation));
      await subject.store.append(inviteOf(hashOf(name), 2, 'ada', 'bob'));
    }
    const names = async (after: string | null, limit: number) =>
      (await subject.store.invitationsOf('bob', after, limit)).map(({ name }) => name);
    expect(await names(null, 3)).toEqual(['a', 'b', 'c']);
    expect(await names('c', 3)).toEqual(['d']);
    expect(await names('bb', 1)).toEqual(['c']);
  });

  test('a room that closes invites nobody, and nobody knocks at it', async () => {
    await subject.store.append(createOf(room, 'den', 'ada', byInvitation));
    await subject.store.append(inviteOf(room, 2, 'ada', 'bob'));
    await subject.store.putKnock(room, 'eve', knockOf('eve'), 10);
    await subject.store.append(leaveOf(room, 3, 'ada', { closes: true }));
    await subject.reopen();
    expect(await subject.store.load(room)).toMatchObject({ name: null, invited: [] });
    expect(await subject.store.invitationsOf('bob', null, 10)).toEqual([]);
    expect(await subject.store.knocksAt(room)).toEqual([]);
  });

  test('a room is listed for whom it concerns', async () => {
    await subject.store.append(createOf(hashOf('open'), 'open', 'ada'));
    for (const join of ['invite', 'verified', 'direct'] as const) {
      await subject.store.append(createOf(hashOf(join), join, 'ada', { join, history: 'since-join' }));
    }
    await subject.store.append(inviteOf(hashOf('direct'), 2, 'ada', 'bob'));
    const listed = async (user: string) =>
      (await subject.store.list(user, null, 10)).map(({ name, joined }) => [name, joined]);
    expect(await listed('ada')).toEqual(['direct', 'invite', 'open', 'verified'].map((name) => [name, true]));
    expect(await listed('bob')).toEqual([
      ['direct', false],
      ['open', false],
    ]);
    expect(await listed('eve')).toEqual([['open', false]]);
    // the limit counts those that are listed
    expect((await subject.store.list('bob', 'direct', 1)).map(({ name }) => name)).toEqual(['open']);
  });

  test('one knock of each user is kept, the longest waiting first, and no more than so many', async () => {
    await subject.store.append(createOf(room, 'den', 'ada', byInvitation));
    for (const user of ['zoe', 'bob', 'eve'])
      expect(await subject.store.putKnock(room, user, knockOf(user), 3)).toBe(true);
    expect(await subject.store.putKnock(room, 'dan', knockOf('dan'), 3)).toBe(false);
    expect(await subject.store.putKnock(room, 'bob', knockOf('bob', 'again'), 3)).toBe(true);
    await subject.reopen();
    expect(await subject.store.knocksAt(room)).toEqual([knockOf('zoe'), knockOf('bob', 'again'), knockOf('eve')]);
    expect(await subject.store.knocksAt(hashOf('other'))).toEqual([]);
  });

  test('of many who knock at once as many are kept as may', async () => {
    await subject.store.append(createOf(room, 'den', 'ada', byInvitation));
    const users = Array.from({ length: 10 }, (_, index) => `user-${index}`);
    const kept = await Promise.all(users.map((user) => subject.store.putKnock(room, user, knockOf(user), 4)));
    expect(kept.filter(Boolean)).toHaveLength(4);
    expect(await subject.store.knocksAt(room)).toHaveLength(4);
  });

  test('who is invited, or joins, or is revoked, no longer knocks; in the order of the calls', async () => {
    await subject.store.append(createOf(room, 'den', 'ada', byInvitation));
    await Promise.all([
      ...['bob', 'dan', 'eve', 'zoe'].map((user) => subject.store.putKnock(room, user, knockOf(user), 10)),
      subject.store.append(inviteOf(room, 2, 'ada', 'bob')),
      subject.store.append(joinOf(room, 3, 'dan')),
      subject.store.append(revokeOf(room, 4, 'eve', null)),
    ]);
    expect(await subject.store.knocksAt(room)).toEqual([knockOf('zoe')]);
    await subject.store.append(removeOf(room, 5, 'ada', 'dan'));
    await subject.reopen();
    expect(await subject.store.knocksAt(room)).toEqual([knockOf('zoe')]);
  });

  test('a revocation takes a member or an invitation out, or is only noted, and has no author', async () => {
    await subject.store.append(createOf(room, 'den', 'ada', byInvitation));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(inviteOf(room, 3, 'ada', 'eve'));
    await subject.store.append(revokeOf(room, 4, 'dan', null));
    expect(await subject.store.load(room)).toMatchObject({ membershipSeq: 3, removalSeq: 0 });
    await subject.store.append(revokeOf(room, 5, 'eve'));
    await subject.store.append(revokeOf(room, 6, 'ada', { successor: 'bob' }));
    await subject.reopen();
    const noted = (user: string, seq: number) => ({ user, fingerprint: hashOf(user), seq });
    expect(await subject.store.load(room)).toMatchObject({
      head: 6,
      members: [{ user: 'bob', role: 'owner', roleSeq: 6 }],
      invited: [],
      removed: [],
      revoked: [noted('dan', 4), noted('eve', 5), noted('ada', 6)],
      membershipSeq: 6,
      removalSeq: 6,
    });
    expect(await subject.store.roomsOf('ada')).toEqual([]);
    await subject.store.append(entryOf(room, 7, 'bob'));
    await subject.store.append(revokeOf(room, 8, 'bob', { closes: true }));
    expect(await subject.store.load(room)).toMatchObject({ name: null, members: [], head: 8 });
  });
}
