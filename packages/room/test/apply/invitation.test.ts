import { type Policy, toBase64url } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { composeInvite, composeJoin, composeRemove, composeRole, invitedOf, membersOf } from '../../src/index.ts';
import { Log, Person, signAnything } from '../support/people.ts';

const closed: Policy = { join: 'invite', history: 'since-join' };
const code = (expected: string) => expect.objectContaining({ code: expected });
const inviteeOf = ({ user, signer }: Person, verified = false) => ({
  user,
  key: toBase64url(signer.publicKey),
  verified,
});

/** Alice's room, in which bob is. */
function room(policy: Policy = closed) {
  const alice = new Person('alice');
  const log = new Log(alice, 'lobby', policy);
  const bob = new Person('bob');
  log.follow(bob, log.invite(alice, bob, true).seq);
  log.rekey(alice);
  return { alice, bob, log, carol: new Person('carol') };
}

/** Signs an invitation whether or not its author may make it. */
function forced(author: Person, invited: Person, change: Record<string, unknown> = {}) {
  const { state, user, signer } = author;
  const payload = {
    v: 1,
    type: 'invite',
    room: state.room,
    at: 0,
    author: user,
    ...inviteeOf(invited),
    fingerprint: invited.signer.fingerprint,
    head: state.head,
    ...change,
  };
  return signAnything(signer, 'invite', state.room, payload);
}

const join = (log: Log, person: Person, user = person.user) =>
  log.append(composeJoin({ ...person.author, user }, log.room, log.entries.length));

describe('an invitation', () => {
  test('is any member’s to give, and lets that one person in, once', () => {
    const { alice, bob, carol, log } = room();
    const invited = log.invite(bob, carol);
    expect(alice.events).toContainEqual(
      expect.objectContaining({ kind: 'invited', by: 'bob', user: 'carol', verified: false }),
    );
    expect(invitedOf(alice.state)).toMatchObject([{ user: 'carol', seq: invited.seq, by: bob.signer.fingerprint }]);
    log.follow(carol, invited.seq);
    expect(membersOf(alice.state).map(({ user, readsFrom }) => [user, readsFrom])).toContainEqual([
      'carol',
      invited.seq,
    ]);
    expect(invitedOf(alice.state)).toEqual([]);

    log.leave(carol);
    join(log, carol);
    expect(bob.violations).toEqual(['not-invited']);
  });

  for (const policy of ['invite', 'verified', 'direct'] as const) {
    test(`is needed to join where the policy is ${policy}`, () => {
      const { alice, carol, log } = room({ ...closed, join: policy });
      join(log, carol);
      expect(alice.violations).toEqual(['not-invited']);
      expect(membersOf(alice.state)).toHaveLength(2);
    });
  }

  test('is for one name and one key: neither joins with another, in an open room either', () => {
    for (const policy of [closed, { ...closed, join: 'open' } as const]) {
      const { alice, carol, log } = room(policy);
      log.invite(alice, carol);
      join(log, carol, 'carola');
      join(log, new Person('carol'));
      expect(alice.violations).toEqual(['not-invited', 'not-invited']);
      expect(membersOf(alice.state)).toHaveLength(2);
    }
  });

  test('is for nobody who is a member or invited, by name or by key', () => {
    const { alice, bob, carol, log } = room();
    log.invite(alice, carol);
    log.append(forced(bob, alice));
    log.append(forced(bob, carol));
    log.append(forced(bob, new Person('alice')));
    log.append(forced(bob, new Person('carol')));
    log.append(forced(bob, carol, { user: 'carola' }));
    expect(alice.violations).toEqual(Array(5).fill('already-a-member'));
    expect(() => composeInvite(bob.author, bob.state, inviteeOf(carol))).toThrow(code('already-a-member'));
    expect(() => composeInvite(bob.author, bob.state, { ...inviteeOf(alice), user: 'x' })).toThrow(
      code('already-a-member'),
    );
  });

  test('names the key of that fingerprint, its author by their name, and this room', () => {
    const { alice, bob, carol, log } = room();
    log.append(forced(bob, carol, { key: toBase64url(bob.signer.publicKey) }));
    log.append(forced(bob, carol, { author: 'alice' }));
    log.append(forced(bob, carol, { room: 'a'.repeat(64) }));
    const here = { room: log.room, head: alice.state.head };
    log.append({ ...forced(carol, carol, { ...here, author: 'bob' }), by: bob.signer.fingerprint });
    log.append(forced(carol, carol, here));
    expect(alice.violations).toEqual([...Array(4).fill('bad-signature'), 'not-a-member']);
    expect(invitedOf(alice.state)).toEqual([]);
  });

  test('needs the word that people have verified each other, in a room for that', () => {
    const { alice, bob, carol, log } = room({ ...closed, join: 'verified' });
    log.append(forced(bob, carol));
    expect(alice.violations).toEqual(['not-allowed']);
    expect(() => composeInvite(bob.author, bob.state, inviteeOf(carol))).toThrow(code('not-verified'));
    log.append(composeInvite(bob.author, bob.state, inviteeOf(carol, true)));
    expect(alice.events.at(-1)).toMatchObject({ kind: 'invited', user: 'carol', verified: true });
  });

  test('makes no third of two, be the second a member or invited', () => {
    const { alice, bob, carol, log } = room({ ...closed, join: 'direct' });
    log.append(forced(alice, carol));
    expect(bob.violations).toEqual(['not-allowed']);
    expect(() => composeInvite(alice.author, alice.state, inviteeOf(carol, true))).toThrow(code('not-allowed'));

    const dave = new Person('dave');
    const other = new Log(dave, 'other', { ...closed, join: 'direct' });
    other.invite(dave, bob);
    other.append(forced(dave, carol));
    expect(dave.violations).toEqual(['not-allowed']);
  });

  test('is for nobody who was removed, by key or name, until they are readmitted', () => {
    const { alice, bob, log } = room();
    log.append(composeRemove(alice.author, alice.state, 'bob'));
    log.append(forced(alice, bob));
    log.append(forced(alice, bob, { user: 'bobby' }));
    log.append(forced(alice, new Person('bob')));
    expect(alice.violations).toEqual(['removed', 'removed', 'removed']);
    expect(() => composeInvite(alice.author, alice.state, inviteeOf(bob))).toThrow(code('not-allowed'));

    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'member' }));
    log.append(composeInvite(alice.author, alice.state, inviteeOf(bob)));
    expect(invitedOf(alice.state)).toMatchObject([{ user: 'bob' }]);
  });

  test('stays when its author goes', () => {
    const { alice, bob, carol, log } = room();
    const invited = log.invite(bob, carol);
    log.leave(bob);
    log.rekey(alice);
    log.follow(carol, invited.seq);
    expect(membersOf(alice.state).map(({ user }) => user)).toEqual(['alice', 'carol']);
    expect([...alice.violations, ...carol.violations]).toEqual([]);
  });
});

describe('an invitation taken back', () => {
  test('by its author, the owner or a moderator, and by nobody else', () => {
    const { alice, bob, carol, log } = room();
    const dave = new Person('dave');
    log.follow(dave, log.invite(alice, dave).seq);
    const withdraw = (person: Person) => composeRemove(person.author, person.state, 'carol');
    log.invite(bob, carol);
    expect(() => withdraw(dave)).toThrow(code('not-allowed'));
    const payload = { ...JSON.parse(withdraw(bob).payload), author: 'dave', head: dave.state.head };
    log.append(signAnything(dave.signer, 'remove', log.room, payload));
    expect(alice.violations).toEqual(['not-allowed']);

    const withdrawn = expect.objectContaining({ kind: 'withdrawn', user: 'carol' });
    for (const person of [bob, alice]) {
      log.append(withdraw(person));
      expect(dave.events.at(-1)).toEqual(withdrawn);
      expect(invitedOf(dave.state)).toEqual([]);
      log.invite(bob, carol);
    }
    log.append(composeRole(alice.author, alice.state, { user: 'dave', role: 'moderator' }));
    log.append(withdraw(dave));
    expect(alice.events.at(-1)).toEqual(withdrawn);
    expect(() => withdraw(alice)).toThrow(code('unknown-member'));
  });

  test('shuts that one out under a fresh key, and does not bar them for good', () => {
    const { alice, bob, carol, log } = room();
    log.invite(alice, carol);
    log.append(composeRemove(alice.author, alice.state, 'carol'));
    expect(Object.keys(alice.state.removed)).toEqual([]);
    join(log, carol);
    expect(bob.violations).toEqual(['not-invited']);
    const { wraps } = log.propose(alice);
    expect(wraps.map(({ to }) => to).sort()).toEqual([alice, bob].map(({ signer }) => signer.fingerprint).sort());
    log.rekey(alice);
    expect(alice.state.epoch?.kind).toBe('fresh');
    log.follow(carol, log.invite(bob, carol).seq);
    expect(membersOf(alice.state)).toHaveLength(3);
  });

  test('names the person as they were invited', () => {
    const { alice, carol, log } = room();
    log.invite(alice, carol);
    const payload = JSON.parse(composeRemove(alice.author, alice.state, 'carol').payload);
    log.append(signAnything(alice.signer, 'remove', log.room, { ...payload, user: 'bob' }));
    expect(alice.violations).toEqual(['unknown-member']);
    expect(invitedOf(alice.state)).toHaveLength(1);
  });
});

describe('an old one played again', () => {
  test('does not bring back who left, or whose invitation was taken back', () => {
    const { alice, bob, carol, log } = room();
    const first = log.invite(alice, carol);
    const withdrawal = log.append(composeRemove(alice.author, alice.state, 'carol'));
    log.append(first.entry);
    expect(bob.violations).toEqual(['replayed']);

    const second = log.invite(alice, carol);
    log.append(withdrawal.entry);
    expect(bob.violations).toEqual(['replayed', 'replayed']);
    log.follow(carol, second.seq);
    log.leave(carol);
    log.append(second.entry);
    expect(bob.violations).toEqual(['replayed', 'replayed', 'replayed']);
    expect(invitedOf(bob.state)).toEqual([]);
  });

  test('does not speak for an author who left and came again, nor in a role that they had', () => {
    const { alice, bob, carol, log } = room();
    const kept = forced(bob, carol);
    const dave = new Person('dave');
    log.invite(alice, dave);
    const withdrawal = composeRemove(alice.author, alice.state, 'dave');
    log.leave(bob);
    log.people.splice(log.people.indexOf(bob), 1);
    log.follow(bob, log.invite(alice, bob).seq);
    log.append(kept);
    expect(alice.violations).toEqual(['replayed']);

    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'owner' }));
    log.append(withdrawal);
    expect(alice.violations).toEqual(['replayed', 'replayed']);
    expect(invitedOf(alice.state)).toMatchObject([{ user: 'dave' }]);
  });
});
