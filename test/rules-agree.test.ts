/**
 * Server and members have rules of their own for memberships, roles and keys. If one side accepts an entry that the other one
 * refuses, the room is stuck. This test compares the two with random entries.
 */
import { type EntryType, type Identity, limits, type Policy, type Role } from '@chat/protocol';
import { isInvitationPending, type RoomState, slotRecipients, type UserMap } from '@chat/room';
import type { Room } from '@chat/server-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recipientsOf } from '../packages/server-core/src/domain/entry-rules/epoch-wraps.ts';
import {
  ComparedRoom,
  concerning,
  noWrapsFor,
  people,
  type RoomUser,
  revocation,
  sign,
  type Verdicts,
} from './support/compared-room.ts';

interface Act {
  readonly what: Exclude<EntryType, 'create'> | 'withdraw';
  readonly author: RoomUser;
  readonly about: RoomUser;
  readonly role: Role;
  readonly verified: boolean;
  readonly kind: 'fresh' | 'step';
  /** False for an epoch with a wrong number, and for a `revoke` that the CA has not signed. */
  readonly honest: boolean;
  /** True if an epoch is of version 1, while the room has no epoch of version 2; and afterwards. */
  readonly early: boolean;
  readonly late: boolean;
  /** True if an epoch carries the secret of the one before. */
  readonly past: boolean;
  /** The number of latest entries that the author has not read. */
  readonly unseen: number;
  /** True if the author has read another log. */
  readonly forked: boolean;
}

const often = fc.oneof({ weight: 7, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
const person = fc.constantFrom(...people);
const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom<Act['what'][]>(
    ...(['join', 'join', 'decline', 'decline', 'leave', 'invite', 'invite', 'invite', 'remove', 'remove'] as const),
    ...(['withdraw', 'withdraw', 'role', 'role', 'revoke', 'renew-key', 'epoch', 'epoch', 'message'] as const),
  ),
  author: person,
  about: person,
  role: fc.constantFrom<Role>('owner', 'moderator', 'member'),
  verified: fc.boolean(),
  kind: fc.constantFrom('fresh', 'step'),
  honest: often,
  early: fc.boolean(),
  late: often.map((usual) => !usual),
  past: fc.boolean(),
  unseen: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(6)),
  forked: often.map((usual) => !usual),
});
const policy: fc.Arbitrary<Policy> = fc.record({
  join: fc.constantFrom('open', 'open', 'invite', 'verified', 'direct'),
  history: fc.constantFrom('since-join', 'all'),
});

function epochPayload({ server, readers }: ComparedRoom, { kind, early, late, honest, past }: Act) {
  const { epoch, membershipSeq } = server;
  const changed = epoch === null || epoch.answers < membershipSeq;
  return {
    v: (epoch?.v === 2 ? late : early) ? (1 as const) : (2 as const),
    number: (epoch?.number ?? 0) + (honest ? 1 : 2),
    previous: epoch?.hash ?? '0'.repeat(64),
    kind,
    reason: changed ? ('membership' as const) : ('age' as const),
    answers: membershipSeq,
    commitment: '0'.repeat(64),
    wraps: noWrapsFor(readers, kind === 'step' ? epoch?.answers : 0),
    ...(past ? { past: 'gAAAAA' } : {}),
  };
}

/** Makes the act a withdrawal of the first invitation, by any user or by the inviter. */
function withWithdrawal({ server }: ComparedRoom, act: Act): Act {
  const [invitation] = server.invited;
  const about = people.find(({ user }) => user === invitation?.user) ?? act.about;
  const inviter = people.find(({ user }) => user === invitation?.by) ?? act.author;
  return { ...act, what: 'remove', about, author: act.role === 'member' ? inviter : act.author };
}

const firstInvited = ({ server }: ComparedRoom): RoomUser | undefined =>
  people.find(({ user }) => user === server.invited[0]?.user);

function decide(compared: ComparedRoom, act: Act): Verdicts {
  if (act.what === 'withdraw') return decide(compared, withWithdrawal(compared, act));
  if (act.what === 'decline' && act.verified)
    return decide(compared, { ...act, author: firstInvited(compared) ?? act.author, verified: false });
  const { what, role, verified, unseen, forked, honest } = act;
  const [author, about] = [compared.withKey(act.author), compared.withKey(act.about)];
  const { room, server } = compared;
  const view = compared.viewBehind(unseen);
  const head = forked ? { ...view, hash: 'e'.repeat(64) } : view;
  const placed = { v: 1 as const, room, at: 0 };
  const own = { ...placed, author: author.user };
  const put = (payload: Parameters<typeof sign>[2]) => compared.append(author, sign(author.signer, room, payload));
  switch (what) {
    case 'join':
      return put({ ...own, type: 'join', key: author.key, after: server.head });
    case 'decline':
      return put({ ...own, type: 'decline', after: honest ? server.head : Math.max(1, server.head - unseen) });
    case 'renew-key':
      return compared.renewKey(author, { steps: 1 + (unseen % 3), forger: honest ? null : about });
    case 'invite':
      return put({ ...own, type: 'invite', ...concerning(about), key: about.key, verified, head });
    case 'leave':
      return put({ ...own, type: 'leave', head });
    case 'remove':
      return put({ ...own, type: 'remove', ...concerning(about), head });
    case 'role':
      return put({ ...own, type: 'role', ...concerning(about), role, head });
    case 'epoch':
      return put({ ...own, ...epochPayload(compared, act), type: 'epoch', head });
    case 'message':
      return put({ type: 'message', epoch: server.epoch?.number ?? 1, head, token: new Uint8Array(4) });
    case 'revoke':
      return honest
        ? compared.appendRevocation(revocation(room, about))
        : compared.append(author, revocation(room, about, author.signer));
  }
}

/** Returns members, roles and the epoch in the same form for both. */
const inServer = (
  { members, invited, removed, revoked, membershipSeq, removalSeq, epoch }: Room,
  users: readonly RoomUser[],
) => ({
  members: members.map(({ user, fingerprint, joinedAt, role, roleSeq }) => ({
    user,
    fingerprint,
    joinedAt,
    role,
    roleSeq,
  })),
  invited: invited.map(({ user, fingerprint, seq, by }) => ({ user, fingerprint, seq, by: fingerprintOf(users, by) })),
  removed: removed.map(({ fingerprint, seq }) => ({ fingerprint, seq })),
  revoked: revoked.map(({ fingerprint, seq }) => ({ fingerprint, seq })),
  membershipSeq,
  removalSeq,
  epoch: epoch && { v: epoch.v, number: epoch.number, hash: epoch.hash, answers: epoch.answers },
});
const inReaders = ({ members, invited, removed, revoked, membershipSeq, removalSeq, epoch }: RoomState) => ({
  members: members
    .values()
    .map(({ user, fingerprint, joinedAt, role, roleSeq }) => ({ user, fingerprint, joinedAt, role, roleSeq }))
    .sort((a, b) => a.joinedAt - b.joinedAt),
  invited: invited
    .values()
    .map(({ user, fingerprint, seq, by }) => ({ user, fingerprint, seq, by }))
    .sort((a, b) => a.seq - b.seq),
  removed: inOrder(removed),
  revoked: inOrder(revoked),
  membershipSeq,
  removalSeq,
  epoch: epoch && { v: epoch.v, number: epoch.number, hash: epoch.hash, answers: epoch.answers },
});
const inOrder = (people: UserMap<{ readonly seq: number }>) =>
  [...people].map(([fingerprint, { seq }]) => ({ fingerprint, seq })).sort((a, b) => a.seq - b.seq);
/** The list that decides which wrap is whose. */
const namesOf = (recipients: readonly Identity[]) => recipients.map(({ fingerprint }) => fingerprint);
const fingerprintOf = (users: readonly RoomUser[], user: string) =>
  users.find((each) => each.user === user)?.signer.fingerprint;

/**
 * True for entries that only the server refuses, so that the author makes them again: invitations from before a removal or a role
 * of the author, and messages that an invited user could not decrypt.
 */
const mayRefuseAlone = ({ what }: Act, server: string | null, readers: RoomState): boolean =>
  (what === 'invite' && server === 'stale-view') ||
  (what === 'message' && server === 'rekey-pending' && isInvitationPending(readers));

const [founder, second] = people;
if (founder === undefined || second === undefined) throw new Error('There are no users.');

test('server and members accept the same entries, and compute the same members, roles and keys', () => {
  const taken = new Set<string>();
  const refused = new Set<string>();
  fc.assert(
    fc.property(policy, fc.array(act, { minLength: 15, maxLength: 40 }), (policy, acts) => {
      const compared = new ComparedRoom(founder, policy);
      for (const one of acts) {
        const { server, readers } = decide(compared, one);
        const said = { ...one, author: one.author.user, about: one.about.user, policy, server, readers };
        if (!mayRefuseAlone(one, server, compared.readers))
          expect({ ...said, taken: server === null }).toEqual({ ...said, taken: readers === null });
        if (server === null) taken.add(one.what);
        if (readers !== null) refused.add(`${one.what} ${readers}`);
        // The room closes with its last member, also for invited users.
        if (compared.server.members.length === 0) return;
        expect(inServer(compared.server, compared.users)).toEqual(inReaders(compared.readers));
        expect(compared.server.members.filter(({ role }) => role === 'owner')).toHaveLength(1);
        for (const kind of ['fresh', 'step'] as const)
          expect(namesOf(recipientsOf(compared.server, kind).identities)).toEqual(
            namesOf(slotRecipients(compared.readers, kind)),
          );
      }
    }),
    { numRuns: 400 },
  );
  // Each kind of entry was accepted at least once, and most rules have refused one.
  expect([...taken].sort()).toEqual([
    'decline',
    'epoch',
    'invite',
    'join',
    'leave',
    'message',
    'remove',
    'renew-key',
    'revoke',
    'role',
    'withdraw',
  ]);
  expect(refused.size).toBeGreaterThan(25);
});

test('server and members accept the same entries in a room that has place for few users, or has too many', () => {
  const others = new Set<Act['what']>(['epoch', 'message']);
  const full = { server: 0, readers: 0 };
  const crowded = fc.property(
    policy,
    fc.integer({ min: -2, max: 2 }),
    fc.array(act, { minLength: 20, maxLength: 40 }),
    (policy, free, acts) => {
      const compared = new ComparedRoom(founder, policy);
      compared.crowd(free);
      for (const one of acts.filter(({ what }) => !others.has(what))) {
        const { server, readers } = decide(compared, one);
        if (!mayRefuseAlone(one, server, compared.readers)) expect(server === null).toBe(readers === null);
        if (server === 'room-full') full.server += 1;
        if (readers === 'room-full') full.readers += 1;
        const { members, invited } = compared.readers;
        expect(compared.server.members.length + compared.server.invited.length).toBe(members.size + invited.size);
      }
    },
  );
  // A round finds a full room some 14 times, now and then twice only.
  for (let round = 0; round < 40 && Math.min(full.server, full.readers) <= 10; round++) {
    fc.assert(crowded, { numRuns: 20 });
  }
  expect(Math.min(full.server, full.readers)).toBeGreaterThan(10);
});

/** The version of an epoch, that of the one after it, and whether that one is a step: null for those that both accept. */
const orders = [
  [1, 1, 'fresh', null],
  [1, 1, 'step', null],
  [1, 2, 'fresh', null],
  [1, 2, 'step', 'epoch-conflict'],
  [2, 1, 'fresh', 'entry-refused'],
  [2, 1, 'step', 'entry-refused'],
  [2, 2, 'fresh', null],
  [2, 2, 'step', null],
] as const;

test.each(orders)(
  'server and members judge an epoch after one of version %i alike: version %i, %s',
  (before, v, kind, refusal) => {
    const compared = new ComparedRoom(founder, { join: 'open', history: 'since-join' });
    const act = { kind: 'fresh', honest: true, past: false, late: true, early: before === 1 } as const;
    const base = { author: founder, about: second, role: 'member', verified: true, unseen: 0, forked: false } as const;
    expect(decide(compared, { ...base, ...act, what: 'epoch' })).toEqual({ server: null, readers: null });
    expect(decide(compared, { ...base, ...act, what: 'join', author: second })).toEqual({
      server: null,
      readers: null,
    });
    const next = decide(compared, { ...base, ...act, what: 'epoch', kind, early: v === 1, late: v === 1 });
    expect(next).toEqual({ server: refusal, readers: refusal === null ? null : 'wrong-epoch' });
    expect(inServer(compared.server, compared.users)).toEqual(inReaders(compared.readers));
  },
);

test('server and members accept author views of the same age', () => {
  const compared = new ComparedRoom(founder, { join: 'open', history: 'since-join' });
  const placed = { v: 1 as const, room: compared.room, at: 0 };
  const put = (author: RoomUser, payload: Parameters<typeof sign>[2]) =>
    compared.append(author, sign(author.signer, compared.room, payload));
  const taken = { server: null, readers: null };
  expect(put(second, { ...placed, type: 'join', author: second.user, key: second.key, after: 1 })).toEqual(taken);

  // The oldest of these entries gave the second user her role.
  for (let seq = 3; seq <= 3 + limits.viewEntries; seq += 1) {
    const role = seq % 2 === 0 ? 'member' : 'moderator';
    const given = { author: founder.user, ...concerning(second), role, head: compared.viewBehind(0) } as const;
    expect(put(founder, { ...placed, type: 'role', ...given })).toEqual(taken);
  }
  const leave = (unseen: number) =>
    put(second, { ...placed, type: 'leave', author: second.user, head: compared.viewBehind(unseen) });
  expect(leave(limits.viewEntries)).toEqual({ server: 'stale-view', readers: 'stale-view' });
  expect(leave(limits.viewEntries - 1)).toEqual(taken);
});
