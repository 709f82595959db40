/** The bound on the users of a room: members judge it as the server does, so that no server lets a room grow beyond what they can bear. */
import { limits, sha256Hex, toBase64url, utf8 } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { composeInvite, composeRemove, type Member, type RoomState, UserMap } from '../../src/index.ts';
import { closed, join, roomWithBob } from '../support/closed-room.ts';
import { fieldsOf, Log, Person, signAnything } from '../support/people.ts';

/** Returns a member whom nothing else names. */
function other(index: number): Member {
  const [user, fingerprint] = [`other-${index}`, sha256Hex(utf8(`other ${index}`))];
  return { user, fingerprint, key: '', joinedAt: 1, readsFrom: 1, role: 'member', roleSeq: 1 };
}

/** Returns a room that has room for so many users. */
function almostFull(state: RoomState, free: number): RoomState {
  const count = limits.roomMembers - state.members.size - state.invited.size - free;
  const others = Array.from({ length: count }, (_, index) => other(index));
  const members = [...state.members, ...others.map((each) => [each.fingerprint, each] as const)];
  return { ...state, members: UserMap.of(Object.fromEntries(members)) };
}

/** Lets the room of these users have room for so many others. */
function fill(free: number, ...people: readonly Person[]): void {
  for (const person of people) person.state = almostFull(person.state, free);
}

const invitee = ({ user, signer }: Person) => ({ user, key: toBase64url(signer.publicKey), verified: false });

/** Signs an invitation of which the author does not see that the room is full. */
function invite(author: Person, invited: Person) {
  const { state } = author;
  const roomier = { ...state, members: UserMap.of({ [author.signer.fingerprint]: ownMember(author) }) };
  return composeInvite(author.author, roomier, invitee(invited));
}

function ownMember({ state, signer }: Person): Member {
  const member = state.members.get(signer.fingerprint);
  if (member === undefined) throw new Error('no member');
  return member;
}

test('lets no further user join an open room that is full, and lets one join in place of one who has left', () => {
  const alice = new Person('alice');
  const log = new Log(alice, 'lobby');
  const [bob, carol] = [new Person('bob'), new Person('carol')];
  fill(1, alice);
  join(log, bob);
  expect([alice.violations, alice.state.members.size]).toEqual([[], limits.roomMembers]);
  join(log, carol);
  expect(alice.violations).toEqual(['room-full']);
  expect([alice.state.members.size, alice.state.members.has(carol.signer.fingerprint)]).toEqual([
    limits.roomMembers,
    false,
  ]);
  log.append(composeRemove(alice.author, alice.state, 'bob'));
  join(log, carol);
  expect([alice.violations, alice.state.members.has(carol.signer.fingerprint)]).toEqual([['room-full'], true]);
});

test('counts the invited users, each of whom may join, in an open room too', () => {
  for (const policy of [closed, { ...closed, join: 'open' } as const]) {
    const { alice, bob, carol, log } = roomWithBob(policy);
    const dave = new Person('dave');
    fill(1, alice, bob);
    log.append(invite(alice, carol));
    log.append(invite(bob, dave));
    expect([alice.violations, bob.violations]).toEqual([['room-full'], ['room-full']]);
    expect([alice.state.invited.has(dave.signer.fingerprint), alice.state.invited.size]).toEqual([false, 1]);
    join(log, carol);
    expect([alice.violations, alice.state.members.has(carol.signer.fingerprint)]).toEqual([['room-full'], true]);
    expect(alice.state.members.size).toBe(limits.roomMembers);
  }
});

test('is the last of the rules: an entry that breaks another one is reported as such', () => {
  const { alice, bob, carol, log } = roomWithBob({ ...closed, join: 'open' });
  fill(0, alice, bob);
  join(log, bob);
  log.append(invite(alice, bob));
  const late = { ...fieldsOf(invite(alice, carol).payload), head: { seq: 0, hash: '0'.repeat(64) } };
  log.append(signAnything(alice.signer, 'invite', log.roomId, late));
  expect(bob.violations.slice(0, 2)).toEqual(['already-a-member', 'already-a-member']);
  expect(bob.violations).not.toContain('room-full');
  join(log, carol);
  expect(bob.violations.at(-1)).toBe('room-full');
});

test('a room that is larger already stays as it is: its users write, make keys, join by invitation and leave, and no other user comes in', () => {
  const { alice, bob, carol, log } = roomWithBob({ ...closed, join: 'open' });
  const [dave, erin] = [new Person('dave'), new Person('erin')];
  log.invite(alice, carol);
  fill(-2, alice, bob);
  log.say(bob, 'still here');
  join(log, carol);
  log.rekey(bob);
  log.say(bob, 'under a new key');
  expect([alice.violations, alice.texts]).toEqual([[], ['still here', 'under a new key']]);
  expect(alice.state.members.size).toBe(limits.roomMembers + 2);
  join(log, dave);
  log.append(invite(bob, erin));
  expect([alice.violations, bob.violations]).toEqual([
    ['room-full', 'room-full'],
    ['room-full', 'room-full'],
  ]);
  log.leave(bob);
  for (const index of [0, 1]) log.append(composeRemove(alice.author, alice.state, `other-${index}`));
  join(log, dave);
  log.rekey(alice);
  log.say(alice, 'and another one');
  expect([alice.violations.length, alice.state.members.size, alice.texts.length]).toEqual([2, limits.roomMembers, 3]);
});

test('a member whose earlier client let one user too many in goes on with the others from the next departure', () => {
  const { alice, bob, log } = roomWithBob({ ...closed, join: 'open' });
  const dave = new Person('dave');
  fill(0, alice, bob);
  const { seq } = join(log, dave);
  const { user, signer } = dave;
  const { fingerprint } = signer;
  const joined = { ...ownMember(alice), user, fingerprint, joinedAt: seq, readsFrom: seq, role: 'member' } as const;
  alice.state = { ...alice.state, members: alice.state.members.put(fingerprint, joined), membershipSeq: seq };
  log.append(composeRemove(alice.author, alice.state, 'other-0'));
  log.rekey(alice);
  log.say(alice, 'the room goes on');
  expect([bob.violations, bob.texts]).toEqual([['room-full'], ['the room goes on']]);
});

test('is known to the author of an invitation', () => {
  const { alice, carol } = roomWithBob();
  fill(0, alice);
  expect(thrownCode(() => composeInvite(alice.author, alice.state, invitee(carol)))).toBe('room-full');
});
