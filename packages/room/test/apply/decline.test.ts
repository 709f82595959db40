import { expect, test } from 'vitest';
import { composeDecline, composeRemove, invitedOf, isRemovalPending } from '../../src/index.ts';
import { expectInvitationEnded, roomWithBob } from '../support/closed-room.ts';
import { type Log, Person } from '../support/people.ts';

const decline = (log: Log, person: Person, after = log.entries.length) =>
  log.append(composeDecline(person.author, log.roomId, after));

test('ends the invitation, and leads to a fresh key without the user, who may be invited again', () => {
  const room = roomWithBob();
  const { alice, bob, carol, log } = room;
  log.invite(bob, carol);
  decline(log, carol);
  const declined = { kind: 'declined', user: 'carol', fingerprint: carol.signer.fingerprint };
  expect(alice.events.at(-1)).toMatchObject(declined);
  expect(invitedOf(alice.state)).toEqual([]);
  expect(isRemovalPending(alice.state)).toBe(true);
  expectInvitationEnded(room);
});

test('counts only for the invitation that its author has seen, and once', () => {
  const { alice, bob, carol, log } = roomWithBob();
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
  const { alice, bob, carol, log } = roomWithBob();
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
