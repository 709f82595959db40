/** The age of invitations by the own clock, and whose turn it is to withdraw one that has ended. */
import { limits, type Policy, type Role } from '@chat/protocol';
import { emptyRoom, type Invitation, type Member, type RoomState, UserMap } from '@chat/room';
import { describe, expect, test } from 'vitest';
import { endedInvitations, hasEnded, seenInvitations } from '../../src/membership/invitation-age.ts';
import type { StoredRoom } from '../../src/storage/stored-state.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;
const roomId = '0'.repeat(64);

interface Place {
  readonly policy?: Policy['join'];
  /** Who looks. Default: alice. */
  readonly me?: string;
  /** Default: alice, the owner, and bob and carol, the moderators, in the order of their joins; then dave. */
  readonly roles?: Readonly<Record<string, Role>>;
  /** The inviter. Default: dave. */
  readonly by?: string;
}

const usual = { alice: 'owner', bob: 'moderator', carol: 'moderator', dave: 'member' } as const;

/** A room with the invitation of erin at position 9. */
function roomWith({ policy = 'invite', me = 'alice', roles = usual, by = 'dave' }: Place = {}): StoredRoom {
  const members = Object.entries(roles).map(([user, role], index): [string, Member] => [
    user,
    { user, fingerprint: user, key: '', joinedAt: index + 1, readsFrom: 1, role, roleSeq: index + 1 },
  ]);
  const state: RoomState = {
    ...emptyRoom(roomId, me),
    policy: { join: policy, history: 'since-join' },
    members: UserMap.of(Object.fromEntries(members)),
    invited: UserMap.of({ erin: { user: 'erin', fingerprint: 'erin', key: '', seq: 9, by } }),
  };
  return { name: 'den', state, outbox: [] };
}

const noted = (room: StoredRoom, now: number): StoredRoom => ({ ...room, invitations: seenInvitations(room, now) });
const due = (room: StoredRoom, now: number) => endedInvitations(room, now).map(({ user }) => user);

describe('the age of an invitation', () => {
  test('begins when the client first knows of it, and with another invitation of the same user anew', () => {
    const room = noted(roomWith(), 1_000);
    expect(room.invitations).toEqual({ erin: { seq: 9, since: 1_000 } });
    expect(seenInvitations(room, 5_000)).toBe(room.invitations);
    const again = { ...room.state.invited.get('erin'), seq: 20 } as Invitation;
    const later = { ...room, state: { ...room.state, invited: UserMap.of({ erin: again }) } };
    expect(hasEnded(later, again, 1_000 + limits.invitationAge)).toBe(false);
    expect(seenInvitations(later, 5_000)).toEqual({ erin: { seq: 20, since: 5_000 } });
    expect(seenInvitations({ ...room, state: { ...room.state, invited: UserMap.empty } }, 5_000)).toEqual({});
  });

  test('goes on when the invited user renews the identity key', () => {
    const room = noted(roomWith(), 1_000);
    const renewed = { ...room.state.invited.get('erin'), fingerprint: 'erin again' } as Invitation;
    const later = { ...room, state: { ...room.state, invited: UserMap.of({ 'erin again': renewed }) } };
    expect(seenInvitations(later, 5_000)).toEqual({ 'erin again': { seq: 9, since: 1_000 } });
    expect(hasEnded(noted(later, 5_000), renewed, 1_000 + limits.invitationAge)).toBe(true);
  });

  test('begins anew when the clock was ahead and is set back', () => {
    const room = noted(roomWith(), 90 * day);
    expect(seenInvitations(room, 2 * day)).toEqual({ erin: { seq: 9, since: 2 * day } });
  });

  test('does not count for an invitation that was not noted, and in a direct room', () => {
    const [erin] = roomWith().state.invited.values();
    if (erin === undefined) throw new Error('no user is invited');
    expect(hasEnded(roomWith(), erin, 900 * day)).toBe(false);
    const direct = noted(roomWith({ policy: 'direct', me: 'dave' }), 0);
    expect(direct.invitations).toEqual({});
    expect(due({ ...direct, invitations: { erin: { seq: 9, since: 0 } } }, 900 * day)).toEqual([]);
  });
});

describe('the turn to withdraw', () => {
  /** Returns the times after the end of the invitation from which on each of these users withdraws it; null for never. */
  const turns = (place: Place, users: readonly string[]) =>
    users.map((me) => {
      const room = noted(roomWith({ ...place, me }), 0);
      const hours = Array.from({ length: 24 * 30 }, (_, n) => n);
      return hours.find((n) => due(room, limits.invitationAge + n * hour).length > 0) ?? null;
    });
  const all = ['alice', 'bob', 'carol', 'dave', 'erin'];

  test("is first the inviter's, an hour after the end, and each day that of the next one who may", () => {
    expect(turns({}, all)).toEqual([25, 49, 73, 1, null]);
    expect(turns({ by: 'carol' }, all)).toEqual([25, 49, 1, null, null]);
    expect(turns({ by: 'alice' }, all)).toEqual([1, 25, 49, null, null]);
  });

  test('goes on to the owner at once when the inviter is no member any more', () => {
    expect(turns({ by: 'zoe' }, all)).toEqual([1, 25, 49, null, null]);
  });

  test('comes within eight days for each of many moderators', () => {
    const many = Array.from({ length: 12 }, (_, n) => [`m${n}`, 'moderator' as const]);
    const roles = { ...usual, ...Object.fromEntries(many) };
    expect(turns({ roles }, ['m11'])).toEqual([7 * 24 + 1]);
  });
});
