import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { beginEpoch, composeRemove, hubOrder, membersOf, recipientsOf } from '../../src/index.ts';
import { Person, three } from '../support/people.ts';

describe('an epoch that is made in parts', () => {
  test('is accepted by all members, whatever the parts', () => {
    for (const size of [1, 2, 5]) {
      const { alice, bob, log } = three();
      log.append(composeRemove(alice.author, alice.state, 'mallory'));
      const draft = beginEpoch(alice.author, alice.state, log.prekeys);
      expect(draft.recipients).toEqual(recipientsOf(alice.state, alice.now));
      const wraps = Array.from({ length: Math.ceil(draft.recipients.length / size) }, (_, part) =>
        draft.wrap(part * size, (part + 1) * size),
      ).flat();
      const proposal = draft.finish(wraps);
      for (const { to, envelope } of proposal.wraps) log.wraps.set(`4 ${to}`, envelope);
      alice.state = proposal.state;
      log.append(proposal.entry);
      log.say(bob, 'go on');
      expect([alice.texts, bob.violations]).toEqual([['go on'], []]);
    }
  });

  test('omits only the recipients without a prekey', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    log.known.delete(bob);
    expect(log.propose(alice).wraps.map(({ to }) => to)).toEqual([alice.signer.fingerprint]);
    expect(recipientsOf(alice.state, alice.now).map(({ user }) => user)).toEqual(['alice', 'bob']);
    expect(membersOf(mallory.state)).toHaveLength(2);
  });

  test('has no recipients while the room needs no new key', () => {
    const { alice, log } = three();
    expect(recipientsOf(alice.state, alice.now)).toEqual([]);
    expect(thrownCode(() => log.propose(alice))).toBe('nothing-to-answer');
  });
});

test('a member with two connections appears once in the order of hubs', () => {
  const { alice } = three();
  const order = hubOrder(alice.state, ['bob', 'alice', 'bob']);
  expect(order.map(({ user }) => user)).toEqual(['bob', 'alice']);
});

test('a member invited before the latest epoch and joined after it has the key, and acts like the earlier members', () => {
  const { alice, bob, mallory, log } = three();
  const carol = new Person('carol');
  log.follow(carol, log.invite(alice, carol).seq);
  const order = hubOrder(bob.state, ['carol', mallory.user, 'alice']);
  expect(order.map(({ user }) => user)).toEqual(['carol', 'mallory', 'alice']);
});
