/**
 * The server and the members judge who is in a room, as what, and under which key, by rules of their own. Where the server
 * takes what the members do not, or the other way round, the room is stuck: so they are held against each other.
 */
import { type EntryType, limits, type Policy, type Role, wrapsDigest } from '@chat/protocol';
import { isInvitationPending, type RoomState } from '@chat/room';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Room } from '../packages/server-core/src/ports/room-store.ts';
import { concerning, people, revocation, type Someone, sign, TwoJudges, type Verdicts } from './support/two-judges.ts';

interface Act {
  readonly what: Exclude<EntryType, 'create'> | 'withdraw';
  readonly author: Someone;
  readonly about: Someone;
  readonly role: Role;
  readonly verified: boolean;
  readonly kind: 'fresh' | 'step';
  /** Whether an epoch says what is so, and a `revoke` is the authority's. */
  readonly honest: boolean;
  /** Whether an epoch hands on a secret. */
  readonly past: boolean;
  /** How many of the latest entries the author has not seen. */
  readonly unseen: number;
  /** Whether they were shown another log. */
  readonly forked: boolean;
}

const often = fc.oneof({ weight: 7, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
const person = fc.constantFrom(...people);
const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom<Act['what'][]>(
    ...(['join', 'join', 'leave', 'invite', 'invite', 'invite', 'remove', 'remove'] as const),
    ...(['withdraw', 'withdraw', 'role', 'role', 'revoke', 'epoch', 'epoch', 'message'] as const),
  ),
  author: person,
  about: person,
  role: fc.constantFrom<Role>('owner', 'moderator', 'member'),
  verified: fc.boolean(),
  kind: fc.constantFrom('fresh', 'step'),
  honest: often,
  past: fc.boolean(),
  unseen: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(6)),
  forked: often.map((usual) => !usual),
});
const policy: fc.Arbitrary<Policy> = fc.record({
  join: fc.constantFrom('open', 'open', 'invite', 'verified', 'direct'),
  history: fc.constantFrom('since-join', 'all'),
});

function epochPayload({ server }: TwoJudges, { kind, honest, past }: Act) {
  const { epoch, membershipSeq } = server;
  const changed = epoch === null || epoch.answers < membershipSeq;
  return {
    number: (epoch?.number ?? 0) + (honest ? 1 : 2),
    previous: epoch?.hash ?? '0'.repeat(64),
    kind,
    reason: changed ? ('membership' as const) : ('age' as const),
    answers: membershipSeq,
    commitment: '0'.repeat(64),
    wraps: wrapsDigest([]),
    ...(past ? { past: 'gAAAAA' } : {}),
  };
}

/** Of who is invited it is decided by somebody, or by who invited them. */
function withWithdrawal({ server }: TwoJudges, act: Act): Act {
  const [invitation] = server.invited;
  const about = people.find(({ user }) => user === invitation?.user) ?? act.about;
  const inviter = people.find(({ user }) => user === invitation?.by) ?? act.author;
  return { ...act, what: 'remove', about, author: act.role === 'member' ? inviter : act.author };
}

function decide(judges: TwoJudges, act: Act): Verdicts {
  if (act.what === 'withdraw') return decide(judges, withWithdrawal(judges, act));
  const { what, author, about, role, verified, unseen, forked, honest } = act;
  const { room, server } = judges;
  const view = judges.viewBehind(unseen);
  const head = forked ? { ...view, hash: 'e'.repeat(64) } : view;
  const placed = { v: 1 as const, room, at: 0 };
  const own = { ...placed, author: author.user };
  const put = (payload: Parameters<typeof sign>[2]) => judges.judge(author, sign(author.signer, room, payload));
  switch (what) {
    case 'join':
      return put({ ...own, type: 'join', key: author.key, after: server.head });
    case 'invite':
      return put({ ...own, type: 'invite', ...concerning(about), key: about.key, verified, head });
    case 'leave':
      return put({ ...own, type: 'leave', head });
    case 'remove':
      return put({ ...own, type: 'remove', ...concerning(about), head });
    case 'role':
      return put({ ...own, type: 'role', ...concerning(about), role, head });
    case 'epoch':
      return put({ ...own, type: 'epoch', head, ...epochPayload(judges, act) });
    case 'message':
      return put({ v: 1, room, type: 'message', epoch: server.epoch?.number ?? 1, head, token: 'gAAAAA' });
    case 'revoke':
      return honest
        ? judges.judgeRevocation(revocation(room, about))
        : judges.judge(author, revocation(room, about, author.signer));
  }
}

/** Everybody's standing, and the key, in one form for both. */
const inServer = ({ members, invited, removed, revoked, membershipSeq, removalSeq, epoch }: Room) => ({
  members: members.map(({ user, joinedAt, role, roleSeq }) => ({ user, joinedAt, role, roleSeq })),
  invited: invited.map(({ user, seq, by }) => ({ user, seq, by: fingerprintOf(by) })),
  removed: removed.map(({ fingerprint, seq }) => ({ fingerprint, seq })),
  revoked: revoked.map(({ fingerprint, seq }) => ({ fingerprint, seq })),
  membershipSeq,
  removalSeq,
  epoch,
});
const inReaders = ({ members, invited, removed, revoked, membershipSeq, removalSeq, epoch }: RoomState) => ({
  members: Object.values(members)
    .map(({ user, joinedAt, role, roleSeq }) => ({ user, joinedAt, role, roleSeq }))
    .sort((a, b) => a.joinedAt - b.joinedAt),
  invited: Object.values(invited)
    .map(({ user, seq, by }) => ({ user, seq, by }))
    .sort((a, b) => a.seq - b.seq),
  removed: inOrder(removed),
  revoked: inOrder(revoked),
  membershipSeq,
  removalSeq,
  epoch: epoch && { number: epoch.number, hash: epoch.hash, answers: epoch.answers },
});
const inOrder = (people: Readonly<Record<string, { readonly seq: number }>>) =>
  Object.entries(people)
    .map(([fingerprint, { seq }]) => ({ fingerprint, seq }))
    .sort((a, b) => a.seq - b.seq);
const fingerprintOf = (user: string) => people.find((each) => each.user === user)?.signer.fingerprint;

/**
 * What the server alone refuses, to be made anew: invitations that were signed before anybody went or before their author
 * had their role, as it does not know who went when; and what an invited person could not read, which members take.
 */
const mayRefuseAlone = ({ what }: Act, server: string | null, readers: RoomState): boolean =>
  (what === 'invite' && server === 'stale-view') ||
  (what === 'message' && server === 'rekey-pending' && isInvitationPending(readers));

const [founder, second] = people;
if (founder === undefined || second === undefined) throw new Error('Nobody is there.');

test('server and members take the same entries, and find the same people, roles and keys', () => {
  const taken = new Set<string>();
  const refused = new Set<string>();
  fc.assert(
    fc.property(policy, fc.array(act, { minLength: 15, maxLength: 40 }), (policy, acts) => {
      const judges = new TwoJudges(founder, policy);
      for (const one of acts) {
        const { server, readers } = decide(judges, one);
        const said = { ...one, author: one.author.user, about: one.about.user, policy, server, readers };
        if (!mayRefuseAlone(one, server, judges.readers))
          expect({ ...said, taken: server === null }).toEqual({ ...said, taken: readers === null });
        if (server === null) taken.add(one.what);
        if (readers !== null) refused.add(`${one.what} ${readers}`);
        // With its last member a room ends, for the server and for whoever was invited.
        if (judges.server.members.length === 0) return;
        expect(inServer(judges.server)).toEqual(inReaders(judges.readers));
        expect(judges.server.members.filter(({ role }) => role === 'owner')).toHaveLength(1);
      }
    }),
    { numRuns: 400 },
  );
  // The sequences were not all refusals, and most rules have refused something.
  expect([...taken].sort()).toEqual([
    'epoch',
    'invite',
    'join',
    'leave',
    'message',
    'remove',
    'revoke',
    'role',
    'withdraw',
  ]);
  expect(refused.size).toBeGreaterThan(25);
});

test('server and members take views that are as old', () => {
  const judges = new TwoJudges(founder, { join: 'open', history: 'since-join' });
  const placed = { v: 1 as const, room: judges.room, at: 0 };
  const put = (author: Someone, payload: Parameters<typeof sign>[2]) =>
    judges.judge(author, sign(author.signer, judges.room, payload));
  const taken = { server: null, readers: null };
  expect(put(second, { ...placed, type: 'join', author: second.user, key: second.key, after: 1 })).toEqual(taken);

  // Her first role entry, on which she has her role, is in view at the latest of these.
  for (let seq = 3; seq <= 3 + limits.viewEntries; seq += 1) {
    const role = seq % 2 === 0 ? 'member' : 'moderator';
    const given = { author: founder.user, ...concerning(second), role, head: judges.viewBehind(0) } as const;
    expect(put(founder, { ...placed, type: 'role', ...given })).toEqual(taken);
  }
  const leave = (unseen: number) =>
    put(second, { ...placed, type: 'leave', author: second.user, head: judges.viewBehind(unseen) });
  expect(leave(limits.viewEntries)).toEqual({ server: 'stale-view', readers: 'stale-view' });
  expect(leave(limits.viewEntries - 1)).toEqual(taken);
});
