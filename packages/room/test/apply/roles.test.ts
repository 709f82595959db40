import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { composeJoin, composeLeave, composeRemove, composeRole, membersOf } from '../../src/index.ts';
import { fieldsOf, Log, Person, signAnything, three } from '../support/people.ts';

const rolesSeenBy = (person: Person) =>
  Object.fromEntries(membersOf(person.state).map(({ user, role }) => [user, role]));

/** Signs a decision, allowed or not. */
function forced(author: Person, target: Person, type: 'remove' | 'role', more: Record<string, unknown> = {}) {
  const { state, user, signer, now } = author;
  const payload = {
    v: 1,
    type,
    room: state.room,
    author: user,
    user: target.user,
    fingerprint: target.signer.fingerprint,
    head: state.head,
    at: now,
    ...more,
  };
  return signAnything(signer, type, state.room, payload);
}

describe('roles', () => {
  test('the creator is the owner, who gives the role of moderator and takes it back', () => {
    const { alice, bob, mallory, log } = three();
    expect(rolesSeenBy(mallory)).toEqual({ alice: 'owner', bob: 'member', mallory: 'member' });
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    expect(rolesSeenBy(mallory)).toEqual({ alice: 'owner', bob: 'moderator', mallory: 'member' });
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'member' }));
    expect(rolesSeenBy(bob)['bob']).toBe('member');
    expect(bob.events.filter(({ kind }) => kind === 'role')).toMatchObject([
      { by: 'alice', user: 'bob', role: 'moderator' },
      { by: 'alice', user: 'bob', role: 'member' },
    ]);
    expect([...alice.violations, ...bob.violations, ...mallory.violations]).toEqual([]);
  });

  test('an owner who makes another member the owner becomes a moderator', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'owner' }));
    expect(rolesSeenBy(mallory)).toEqual({ alice: 'moderator', bob: 'owner', mallory: 'member' });
    log.append(forced(alice, alice, 'role', { role: 'owner' }));
    log.append(forced(alice, bob, 'role', { role: 'member' }));
    expect(bob.violations).toEqual(['not-allowed', 'not-allowed']);
    expect(rolesSeenBy(bob)['bob']).toBe('owner');
  });

  test('when the owner leaves, the moderator who joined first becomes the owner, else the member who joined first', () => {
    const { alice, bob, mallory, log } = three();
    const carol = new Person('carol');
    log.join(carol, alice);
    for (const user of ['carol', 'mallory'])
      log.append(composeRole(alice.author, alice.state, { user, role: 'moderator' }));
    log.leave(alice);
    expect(rolesSeenBy(bob)).toEqual({ bob: 'member', mallory: 'owner', carol: 'moderator' });
    expect(bob.events.at(-1)).toMatchObject({ kind: 'role', by: null, user: 'mallory', role: 'owner' });
    log.append(composeRole(mallory.author, mallory.state, { user: 'carol', role: 'member' }));
    log.leave(mallory);
    expect(rolesSeenBy(carol)).toEqual({ bob: 'owner', carol: 'member' });
    log.append(composeRemove(bob.author, bob.state, 'carol'));
    expect(rolesSeenBy(bob)).toEqual({ bob: 'owner' });
    expect([...bob.violations, ...carol.violations]).toEqual([]);
  });

  test('a newcomer finds the same roles and removals from the log alone', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    log.append(composeRemove(bob.author, bob.state, 'mallory'));
    log.leave(alice);
    const carol = new Person('carol');
    log.join(carol, bob);
    expect(rolesSeenBy(carol)).toEqual({ bob: 'owner', carol: 'member' });
    expect(carol.state.removed).toEqual(bob.state.removed);
    expect(Object.keys(carol.state.removed.toJSON())).toEqual([mallory.signer.fingerprint]);
    expect(carol.state.members).toEqual(bob.state.members);
  });
});

describe('a decision that is not allowed', () => {
  test('a plain member cannot make decisions, about itself included', () => {
    const { alice, bob, mallory, log } = three();
    log.append(forced(mallory, bob, 'remove'));
    log.append(forced(mallory, alice, 'remove'));
    log.append(forced(mallory, mallory, 'role', { role: 'moderator' }));
    log.append(forced(mallory, mallory, 'role', { role: 'owner' }));
    expect(bob.violations).toEqual(['not-allowed', 'not-allowed', 'not-allowed', 'not-allowed']);
    expect(rolesSeenBy(bob)).toEqual({ alice: 'owner', bob: 'member', mallory: 'member' });
    expect(thrownCode(() => composeRemove(mallory.author, mallory.state, 'bob'))).toBe('not-allowed');
    expect(thrownCode(() => composeRole(mallory.author, mallory.state, { user: 'bob', role: 'moderator' }))).toBe(
      'not-allowed',
    );
    expect(thrownCode(() => composeRemove(alice.author, alice.state, 'zoe'))).toBe('unknown-member');
  });

  test('a moderator can remove neither the owner nor a moderator, and cannot give roles', () => {
    const { alice, bob, mallory, log } = three();
    for (const user of ['bob', 'mallory'])
      log.append(composeRole(alice.author, alice.state, { user, role: 'moderator' }));
    log.append(forced(mallory, alice, 'remove'));
    log.append(forced(mallory, bob, 'remove'));
    log.append(forced(mallory, mallory, 'remove'));
    log.append(forced(mallory, bob, 'role', { role: 'member' }));
    log.append(forced(mallory, mallory, 'role', { role: 'owner' }));
    expect(bob.violations).toEqual(Array(5).fill('not-allowed'));
    expect(membersOf(bob.state)).toHaveLength(3);
  });

  test('an owner cannot remove itself', () => {
    const { alice, bob, log } = three();
    log.append(forced(alice, alice, 'remove'));
    expect(bob.violations).toEqual(['not-allowed']);
    expect(rolesSeenBy(bob)['alice']).toBe('owner');
    expect(thrownCode(() => composeRemove(alice.author, alice.state, 'alice'))).toBe('not-allowed');
  });

  test('a former moderator cannot make decisions, by entries signed before or after the change of role', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeRole(alice.author, alice.state, { user: 'mallory', role: 'moderator' }));
    const kept = composeRemove(mallory.author, mallory.state, 'bob');
    log.append(composeRole(alice.author, alice.state, { user: 'mallory', role: 'member' }));
    log.append(kept);
    log.append(forced(mallory, bob, 'remove'));
    expect(alice.violations).toEqual(['replayed', 'not-allowed']);
    // Another appointment as moderator does not make the old decision valid.
    log.append(composeRole(alice.author, alice.state, { user: 'mallory', role: 'moderator' }));
    log.append(kept);
    expect(alice.violations).toEqual(['replayed', 'not-allowed', 'replayed']);
    expect(rolesSeenBy(alice)['bob']).toBe('member');
  });

  test("a decision with another author's name, a wrong key or another room is rejected", () => {
    const { alice, bob, mallory, log } = three();
    log.append(forced(alice, mallory, 'remove', { author: 'bob' }));
    log.append(forced(alice, mallory, 'remove', { fingerprint: bob.signer.fingerprint }));
    log.append({ ...forced(mallory, bob, 'remove', { author: 'alice' }), by: alice.signer.fingerprint });
    const remove = composeRemove(alice.author, alice.state, 'mallory');
    const other = new Log(new Person('alice'), 'other');
    log.append(signAnything(alice.signer, 'remove', other.roomId, { ...fieldsOf(remove.payload), room: other.roomId }));
    log.append(signAnything(alice.signer, 'remove', log.roomId, remove.payload, 'leave'));
    expect(bob.violations).toEqual([
      'bad-signature',
      'unknown-member',
      'bad-signature',
      'bad-signature',
      'bad-signature',
    ]);
    expect(membersOf(bob.state)).toHaveLength(3);
  });

  test('an author who was shown another log cannot give a role; its removals take effect and a fork is reported', () => {
    const { alice, bob, mallory, log } = three();
    const head = { seq: alice.state.head.seq, hash: 'e'.repeat(64) };
    log.append(forced(alice, mallory, 'role', { role: 'moderator', head }));
    expect(rolesSeenBy(bob)['mallory']).toBe('member');
    log.append(forced(alice, mallory, 'remove', { head }));
    expect(rolesSeenBy(bob)).toEqual({ alice: 'owner', bob: 'member' });
    expect(bob.violations).toEqual(['fork', 'fork']);
  });
});

describe('a replayed decision', () => {
  test('does not restore a role that was taken back', () => {
    const { alice, bob, log } = three();
    const given = log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    const taken = log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'member' }));
    log.append(given.entry);
    expect(rolesSeenBy(bob)['bob']).toBe('member');
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    log.append(taken.entry);
    expect(rolesSeenBy(bob)['bob']).toBe('moderator');
    expect(bob.violations).toEqual(['replayed', 'replayed']);
  });

  test('does not restore a former owner', () => {
    const { alice, bob, log } = three();
    const over = log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'owner' }));
    log.append(composeRole(bob.author, bob.state, { user: 'alice', role: 'owner' }));
    log.append(over.entry);
    expect(bob.violations).toEqual(['replayed']);
    expect(rolesSeenBy(bob)).toMatchObject({ alice: 'owner', bob: 'moderator' });
  });

  test('does not remove a readmitted user, nor readmit a user who was removed again', () => {
    const { alice, bob, mallory, log } = three();
    const rejoin = () => {
      log.people.splice(log.people.indexOf(mallory), 1);
      log.join(mallory, alice);
    };
    const demoted = log.append(composeRole(alice.author, alice.state, { user: 'mallory', role: 'member' }));
    const removed = log.append(composeRemove(alice.author, alice.state, 'mallory'));
    log.append(demoted.entry);
    log.append(removed.entry);
    expect(bob.violations).toEqual(['replayed', 'unknown-member']);
    log.rekey(alice);

    const readmitted = log.append(composeRole(alice.author, alice.state, { user: 'mallory', role: 'member' }));
    log.append(removed.entry);
    rejoin();
    log.append(removed.entry);
    log.append(readmitted.entry);
    expect(bob.violations.slice(2)).toEqual(['unknown-member', 'replayed', 'replayed']);
    expect(rolesSeenBy(bob)['mallory']).toBe('member');

    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    log.append(readmitted.entry);
    expect(bob.violations.at(-1)).toBe('replayed');
    log.append(composeJoin(mallory.author, log.roomId, log.entries.length));
    expect(bob.violations.at(-1)).toBe('removed');
  });
});

describe('concurrent decisions', () => {
  test('of a removal and a leave the first on the log takes effect, and the room has its key', () => {
    for (const first of ['remove', 'leave']) {
      const { alice, bob, mallory, log } = three();
      const remove = composeRemove(alice.author, alice.state, 'mallory');
      const leave = composeLeave(mallory.author, mallory.state);
      for (const entry of first === 'remove' ? [remove, leave] : [leave, remove]) log.append(entry);
      expect(bob.violations).toEqual([first === 'remove' ? 'not-a-member' : 'unknown-member']);
      expect(rolesSeenBy(bob)).toEqual({ alice: 'owner', bob: 'member' });
      log.rekey(bob);
      log.say(bob, 'without mallory');
      expect(alice.texts).toEqual(['without mallory']);
    }
  });

  test('of two removals of one user the first takes effect', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    const twice = [
      composeRemove(alice.author, alice.state, 'mallory'),
      composeRemove(bob.author, bob.state, 'mallory'),
    ];
    for (const entry of twice) log.append(entry);
    expect(alice.violations).toEqual(['unknown-member']);
    expect(Object.keys(alice.state.removed.toJSON())).toEqual([mallory.signer.fingerprint]);
  });

  test('a removal that had not seen a promotion is rejected', () => {
    const { alice, bob, log } = three();
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    const remove = composeRemove(bob.author, bob.state, 'mallory');
    log.append(composeRole(alice.author, alice.state, { user: 'mallory', role: 'moderator' }));
    log.append(remove);
    expect(alice.violations).toEqual(['replayed']);
    expect(rolesSeenBy(alice)['mallory']).toBe('moderator');
  });

  test('a decision of an owner who leaves takes effect if it precedes the leave', () => {
    const { alice, bob, mallory, log } = three();
    const remove = composeRemove(alice.author, alice.state, 'mallory');
    log.leave(alice);
    log.append(remove);
    expect(bob.violations).toEqual(['not-a-member']);
    expect(rolesSeenBy(mallory)).toEqual({ bob: 'owner', mallory: 'member' });
  });
});
