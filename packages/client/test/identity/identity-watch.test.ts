/** Members whose identity key differs from the pinned one: each is reported once, and keeps being one until the user decides. */
import { emptyRoom, type RoomState, UserMap } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { IdentityWatch } from '../../src/identity/identity-watch.ts';
import { type ChangedIdentity, Pins } from '../../src/identity/pins.ts';

const [first, second, third, other] = ['1', '2', '3', '4'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
  string,
];

let pins: Pins;
let watch: IdentityWatch;
let reported: ChangedIdentity[];

beforeEach(() => {
  pins = new Pins({});
  reported = [];
  watch = new IdentityWatch(pins, (changed) => reported.push(changed));
});

/** A room in which these keys are those of members or of invited users. */
function room(members: Record<string, string>, invited: Record<string, string> = {}): RoomState {
  const empty = emptyRoom('0'.repeat(64), 'f'.repeat(64));
  const common = { key: 'AAAA', role: 'member' as const, joinedAt: 1, readsFrom: 1, roleSeq: 1 };
  const memberOf = ([user, fingerprint]: [string, string]) => [fingerprint, { ...common, user, fingerprint }];
  const invitedOf = ([user, fingerprint]: [string, string]) => [
    fingerprint,
    { user, fingerprint, key: 'AAAA', seq: 1, by: other },
  ];
  return {
    ...empty,
    members: UserMap.of(Object.fromEntries(Object.entries(members).map(memberOf))),
    invited: UserMap.of(Object.fromEntries(Object.entries(invited).map(invitedOf))),
  };
}

function review(...args: Parameters<typeof room>): void {
  watch.review(room(...args));
  watch.announce();
}

const changed = (seen: string, user = 'bob') => ({ user, known: first, seen, verified: false });

test('a member with another key than before is reported once, and stays changed', () => {
  review({ bob: first });
  expect([watch.changed, reported]).toEqual([[], []]);
  for (let round = 0; round < 2; round++) review({ bob: second });
  expect([watch.changed, reported]).toEqual([[changed(second)], [changed(second)]]);
  review({ bob: third });
  expect(reported).toEqual([changed(second), changed(third)]);
});

test('an invited user with another key is reported before anything is wrapped to it', () => {
  review({ bob: first });
  review({ carol: other }, { bob: second });
  expect([watch.changed, reported]).toEqual([[changed(second)], [changed(second)]]);
});

test('a user who has left by the end of the backlog is not reported', () => {
  review({ bob: first });
  watch.review(room({ bob: second }));
  watch.review(room({ bob: first }));
  watch.announce();
  expect([watch.changed, reported]).toEqual([[], []]);
});

test('a member whose new key the user trusts is changed no longer', () => {
  review({ bob: first });
  review({ bob: second });
  pins.trust('bob', second);
  review({ bob: second });
  expect(watch.changed).toEqual([]);
  expect(pins.meet([{ user: 'bob', fingerprint: first }])).toMatchObject([{ known: second, seen: first }]);
});

test('two members with changed keys are both reported', () => {
  review({ bob: first, carol: other });
  review({ bob: second, carol: third });
  expect(reported).toEqual([changed(second), { ...changed(third, 'carol'), known: other }]);
});

test('after entries that concern some users, only these are looked at, and what was found of others stays', () => {
  const [carol, dave, erin] = ['5', '6', '7'].map((digit) => digit.repeat(64)) as [string, string, string];
  watch.review(room({ bob: first, carol, dave }));
  watch.review(room({ bob: second, carol, dave }));
  watch.reviewUsers(room({ bob: second, carol: third, dave: other }, { erin }), ['carol', 'erin']);
  const changedCarol = { user: 'carol', known: carol, seen: third, verified: false };
  expect(watch.changed).toEqual([changed(second), changedCarol]);
  expect(pins.isPinned({ user: 'erin', fingerprint: erin })).toBe(true);
  watch.reviewUsers(room({ carol: third, dave }), ['bob']);
  expect(watch.changed).toEqual([changedCarol]);
});
