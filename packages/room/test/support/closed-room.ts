/** A room by invitation of two members, and what follows when an invitation to it has ended. */
import type { Policy } from '@chat/protocol';
import { expect } from 'vitest';
import { composeJoin, membersOf } from '../../src/index.ts';
import { Log, Person } from './people.ts';

export const closed: Policy = { join: 'invite', history: 'since-join' };

/** Returns a room of Alice, of which Bob is a member. */
export function roomWithBob(policy: Policy = closed) {
  const alice = new Person('alice');
  const log = new Log(alice, 'lobby', policy);
  const bob = new Person('bob');
  log.follow(bob, log.invite(alice, bob, true).seq);
  log.rekey(alice);
  return { alice, bob, log, carol: new Person('carol') };
}

/** Lets a user join, allowed or not. */
export const join = (log: Log, person: Person, user = person.user) =>
  log.append(composeJoin({ ...person.author, user }, log.roomId, log.entries.length));

/** Expects that Carol, whose invitation has just ended, cannot join and gets no key, and that she may be invited again. */
export function expectInvitationEnded({ alice, bob, carol, log }: ReturnType<typeof roomWithBob>): void {
  expect(Object.keys(alice.state.removed.toJSON())).toEqual([]);
  join(log, carol);
  expect(bob.violations).toEqual(['not-invited']);
  const { recipients } = log.propose(alice);
  expect(recipients.map(({ user }) => user).sort()).toEqual(['alice', 'bob']);
  log.rekey(alice);
  expect(alice.state.epoch?.kind).toBe('fresh');
  log.follow(carol, log.invite(bob, carol).seq);
  expect(membersOf(alice.state)).toHaveLength(3);
}
