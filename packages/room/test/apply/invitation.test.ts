import { toBase64url } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { composeInvite, composeRemove, composeRole, invitedOf, membersOf } from '../../src/index.ts';
import { closed, expectInvitationEnded, join, roomWithBob } from '../support/closed-room.ts';
import { fieldsOf, Log, Person, signAnything } from '../support/people.ts';

const inviteeOf = ({ user, signer }: Person, verified = false) => ({
  user,
  key: toBase64url(signer.publicKey),
  verified,
});

/** Signs an invitation, allowed or not. */
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

describe('an invitation', () => {
  test('can be made by any member, and admits its user once', () => {
    const { alice, bob, carol, log } = roomWithBob();
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
    test(`is required to join with policy ${policy}`, () => {
      const { alice, carol, log } = roomWithBob({ ...closed, join: policy });
      join(log, carol);
      expect(alice.violations).toEqual(['not-invited']);
      expect(membersOf(alice.state)).toHaveLength(2);
    });
  }

  test('is for one name with one key: neither joins with another one, even in an open room', () => {
    for (const policy of [closed, { ...closed, join: 'open' } as const]) {
      const { alice, carol, log } = roomWithBob(policy);
      log.invite(alice, carol);
      join(log, carol, 'carola');
      join(log, new Person('carol'));
      expect(alice.violations).toEqual(['not-invited', 'not-invited']);
      expect(membersOf(alice.state)).toHaveLength(2);
    }
  });

  test('is rejected for a member or an invited user, by name or by key', () => {
    const { alice, bob, carol, log } = roomWithBob();
    log.invite(alice, carol);
    log.append(forced(bob, alice));
    log.append(forced(bob, carol));
    log.append(forced(bob, new Person('alice')));
    log.append(forced(bob, new Person('carol')));
    log.append(forced(bob, carol, { user: 'carola' }));
    expect(alice.violations).toEqual(Array(5).fill('already-a-member'));
    expect(thrownCode(() => composeInvite(bob.author, bob.state, inviteeOf(carol)))).toBe('already-invited');
    const namesake = inviteeOf(new Person('carol'));
    expect(thrownCode(() => composeInvite(bob.author, bob.state, namesake))).toBe('already-a-member');
    expect(thrownCode(() => composeInvite(bob.author, bob.state, { ...inviteeOf(alice), user: 'x' }))).toBe(
      'already-a-member',
    );
  });

  test('is rejected with a wrong key, author or room', () => {
    const { alice, bob, carol, log } = roomWithBob();
    log.append(forced(bob, carol, { key: toBase64url(bob.signer.publicKey) }));
    log.append(forced(bob, carol, { author: 'alice' }));
    log.append(forced(bob, carol, { room: 'a'.repeat(64) }));
    const here = { room: log.roomId, head: alice.state.head };
    log.append({ ...forced(carol, carol, { ...here, author: 'bob' }), by: bob.signer.fingerprint });
    log.append(forced(carol, carol, here));
    expect(alice.violations).toEqual([...Array(4).fill('bad-signature'), 'not-a-member']);
    expect(invitedOf(alice.state)).toEqual([]);
  });

  test('requires verification in a room for verified users', () => {
    const { alice, bob, carol, log } = roomWithBob({ ...closed, join: 'verified' });
    log.append(forced(bob, carol));
    expect(alice.violations).toEqual(['not-allowed']);
    expect(thrownCode(() => composeInvite(bob.author, bob.state, inviteeOf(carol)))).toBe('not-verified');
    log.append(composeInvite(bob.author, bob.state, inviteeOf(carol, true)));
    expect(alice.events.at(-1)).toMatchObject({ kind: 'invited', user: 'carol', verified: true });
  });

  test('cannot add a third user to a direct room, whether the second is a member or invited', () => {
    const { alice, bob, carol, log } = roomWithBob({ ...closed, join: 'direct' });
    log.append(forced(alice, carol));
    expect(bob.violations).toEqual(['not-allowed']);
    expect(thrownCode(() => composeInvite(alice.author, alice.state, inviteeOf(carol, true)))).toBe('not-allowed');

    const dave = new Person('dave');
    const other = new Log(dave, 'other', { ...closed, join: 'direct' });
    other.invite(dave, bob);
    other.append(forced(dave, carol));
    expect(dave.violations).toEqual(['not-allowed']);
  });

  test('is rejected for a removed user, by key or name, before a readmission', () => {
    const { alice, bob, log } = roomWithBob();
    log.append(composeRemove(alice.author, alice.state, 'bob'));
    log.append(forced(alice, bob));
    log.append(forced(alice, bob, { user: 'bobby' }));
    log.append(forced(alice, new Person('bob')));
    expect(alice.violations).toEqual(['removed', 'removed', 'removed']);
    expect(thrownCode(() => composeInvite(alice.author, alice.state, inviteeOf(bob)))).toBe('not-allowed');

    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'member' }));
    log.append(composeInvite(alice.author, alice.state, inviteeOf(bob)));
    expect(invitedOf(alice.state)).toMatchObject([{ user: 'bob' }]);
  });

  test('stays valid after its author departs', () => {
    const { alice, bob, carol, log } = roomWithBob();
    const invited = log.invite(bob, carol);
    log.leave(bob);
    log.rekey(alice);
    log.follow(carol, invited.seq);
    expect(membersOf(alice.state).map(({ user }) => user)).toEqual(['alice', 'carol']);
    expect([...alice.violations, ...carol.violations]).toEqual([]);
  });
});

describe('a withdrawal', () => {
  test('is allowed to the inviter, the owner and the moderators only', () => {
    const { alice, bob, carol, log } = roomWithBob();
    const dave = new Person('dave');
    log.follow(dave, log.invite(alice, dave).seq);
    const withdraw = (person: Person) => composeRemove(person.author, person.state, 'carol');
    log.invite(bob, carol);
    expect(thrownCode(() => withdraw(dave))).toBe('not-allowed');
    const payload = { ...fieldsOf(withdraw(bob).payload), author: 'dave', head: dave.state.head };
    log.append(signAnything(dave.signer, 'remove', log.roomId, payload));
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
    expect(thrownCode(() => withdraw(alice))).toBe('unknown-member');
  });

  test('leads to a fresh key without the invited user, who may be invited again', () => {
    const room = roomWithBob();
    const { alice, carol, log } = room;
    log.invite(alice, carol);
    log.append(composeRemove(alice.author, alice.state, 'carol'));
    expectInvitationEnded(room);
  });

  test('names the user and key of the invitation', () => {
    const { alice, carol, log } = roomWithBob();
    log.invite(alice, carol);
    const payload = fieldsOf(composeRemove(alice.author, alice.state, 'carol').payload);
    log.append(signAnything(alice.signer, 'remove', log.roomId, { ...payload, user: 'bob' }));
    expect(alice.violations).toEqual(['unknown-member']);
    expect(invitedOf(alice.state)).toHaveLength(1);
  });
});

describe('a replayed invitation', () => {
  test('does not admit a user who has left, or whose invitation was withdrawn', () => {
    const { alice, bob, carol, log } = roomWithBob();
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

  test('is rejected after its author has left and joined again, or has another role', () => {
    const { alice, bob, carol, log } = roomWithBob();
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
