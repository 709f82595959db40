import type { Policy } from '@chat/protocol';
import { expect, test } from 'vitest';
import { composeDecline, composeJoin, composeRemove, invitedOf, isRemovalPending, membersOf } from '../../src/index.ts';
import { Log, Person } from '../support/people.ts';

const closed: Policy = { join: 'invite', history: 'since-join' };

/** Returns a room of Alice, of which Bob is a member. */
function room() {
  const alice = new Person('alice');
  const log = new Log(alice, 'lobby', closed);
  const bob = new Person('bob');
  log.follow(bob, log.invite(alice, bob, true).seq);
  log.rekey(alice);
  return { alice, bob, log, carol: new Person('carol') };
}

const join = (log: Log, person: Person) => log.append(composeJoin(person.author, log.roomId, log.entries.length));

const decline = (log: Log, person: Person, after = log.entries.length) =>
  log.append(composeDecline(person.author, log.roomId, after));

test('ends the invitation, and leads to a fresh key without the user, who may be invited again', () => {
  const { alice, bob, carol, log } = room();
  log.invite(bob, carol);
  decline(log, carol);
  const declined = { kind: 'declined', user: 'carol', fingerprint: carol.signer.fingerprint };
  expect(alice.events.at(-1)).toMatchObject(declined);
  expect(invitedOf(alice.state)).toEqual([]);
  expect(Object.keys(alice.state.removed)).toEqual([]);
  expect(isRemovalPending(alice.state)).toBe(true);
  join(log, carol);
  expect(bob.violations).toEqual(['not-invited']);
  const { wraps } = log.propose(alice);
  expect(wraps.map(({ to }) => to).sort()).toEqual([alice, bob].map(({ signer }) => signer.fingerprint).sort());
  log.rekey(alice);
  expect(alice.state.epoch?.kind).toBe('fresh');
  log.follow(carol, log.invite(bob, carol).seq);
  expect(membersOf(alice.state)).toHaveLength(3);
});

test('counts only for the invitation that its author has seen, and once', () => {
  const { alice, bob, carol, log } = room();
  const first = log.invite(bob, carol);
  const kept = composeDecline(carol.author, log.roomId, first.seq);
  log.append(composeRemove(bob.author, bob.state, 'carol'));
  log.append(kept);
  log.invite(alice, carol);
  log.append(kept);
  decline(log, carol, log.entries.length + 1);
  expect(alice.violations).toEqual(['not-invited', 'replayed', 'replayed']);
  expect(invitedOf(alice.state)).toMatchObject([{ user: 'carol' }]);
  decline(log, carol);
  decline(log, carol);
  expect(alice.violations.slice(3)).toEqual(['not-invited']);
});

test('is signed by the invited key, in the name and for the room of the invitation', () => {
  const { alice, bob, carol, log } = room();
  log.invite(alice, carol);
  const { length } = log.entries;
  log.append(composeDecline({ ...carol.author, user: 'carola' }, log.roomId, length));
  log.append({ ...composeDecline(bob.author, log.roomId, length), by: carol.signer.fingerprint });
  log.append(composeDecline(carol.author, 'a'.repeat(64), length));
  log.append(composeDecline(bob.author, log.roomId, length));
  log.append(composeDecline(new Person('carol').author, log.roomId, length));
  expect(alice.violations).toEqual(['not-invited', 'bad-signature', 'bad-signature', 'not-invited', 'not-invited']);
  expect(invitedOf(alice.state)).toHaveLength(1);
});
