import { type Policy, toBase64url } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeInvite,
  composeJoin,
  composeMessage,
  composeRemove,
  isInvitationPending,
  mayRead,
  recipientsOf,
} from '../../src/index.ts';
import { crypto, Log, Person, stubOf } from '../support/people.ts';

const closed: Policy = { join: 'invite', history: 'since-join' };

function room(policy: Policy = closed) {
  const alice = new Person('alice');
  const log = new Log(alice, 'lobby', policy);
  return { alice, log, bob: new Person('bob') };
}

describe('an invited user', () => {
  test('can read messages since the invitation, and none from before', () => {
    const { alice, bob, log } = room({ ...closed, join: 'direct' });
    log.say(alice, 'to myself');
    const { seq } = log.invite(alice, bob);
    log.say(alice, 'are you there?');
    log.say(alice, 'call me');
    log.follow(bob, seq);
    expect(bob.texts).toEqual(['are you there?', 'call me']);
    log.rekey(bob);
    log.say(bob, 'here I am');
    expect(alice.texts.at(-1)).toBe('here I am');
    expect([...alice.violations, ...bob.violations]).toEqual([]);
  });

  test('can read over any number of epochs and hubs', () => {
    const { alice, bob, log } = room();
    const { seq } = log.invite(alice, bob);
    for (const name of ['carol', 'dave', 'erin']) {
      const guest = new Person(name);
      log.follow(guest, log.invite(alice, guest).seq);
      log.rekey(guest);
      log.say(guest, name);
      log.append(composeRemove(alice.author, alice.state, name));
      log.rekey(alice);
      log.say(alice, `without ${name}`);
    }
    log.follow(bob, seq);
    expect(bob.texts).toEqual(['carol', 'without carol', 'dave', 'without dave', 'erin', 'without erin']);
    expect(bob.violations).toEqual([]);
  });

  test('gets one wrap like a newcomer, and a wrap of every fresh key', () => {
    const { alice, bob, log } = room();
    const carol = new Person('carol');
    const invite = (person: Person) => {
      log.known.add(person);
      const invitee = { user: person.user, key: toBase64url(person.signer.publicKey), verified: false };
      log.append(composeInvite(alice.author, alice.state, invitee));
    };
    const recipients = () =>
      recipientsOf(alice.state, alice.now)
        .map(({ user }) => user)
        .sort();
    invite(bob);
    expect(recipients()).toEqual(['bob']);
    expect(recipientsOf(alice.state, alice.now)).toEqual([
      { user: 'bob', fingerprint: bob.signer.fingerprint, key: toBase64url(bob.signer.publicKey) },
    ]);
    log.rekey(alice);
    expect(alice.state.epoch?.kind).toBe('step');
    expect(recipients()).toEqual([]);
    invite(carol);
    expect(recipients()).toEqual(['carol']);
    log.append(composeRemove(alice.author, alice.state, 'carol'));
    expect(recipients()).toEqual(['alice', 'bob']);
  });

  test('misses no message, because messages wait for an epoch that is made for this user too', () => {
    const { alice, bob, log } = room();
    const say = () => log.say(alice, 'for bob');
    const early = composeMessage(alice.author, alice.state, 'said before it was seen');
    log.known.add(bob);
    const invitee = { user: 'bob', key: toBase64url(bob.signer.publicKey), verified: false };
    const { seq } = log.append(composeInvite(alice.author, alice.state, invitee));
    expect(isInvitationPending(alice.state)).toBe(true);
    expect(thrownCode(say)).toBe('rekey-pending');
    log.append(early);
    log.append(composeJoin(bob.author, log.roomId, log.entries.length));
    expect(isInvitationPending(alice.state)).toBe(true);
    expect(thrownCode(say)).toBe('rekey-pending');
    log.rekey(alice);
    expect(isInvitationPending(alice.state)).toBe(false);
    say();
    log.enter(bob, seq - 1);
    log.deliver(bob);
    expect(alice.texts).toEqual(['said before it was seen', 'for bob']);
    expect([bob.texts, bob.violations]).toEqual([['for bob'], []]);
  });

  test('who was a member before cannot read messages between the memberships', () => {
    const { alice, bob, log } = room();
    log.follow(bob, log.invite(alice, bob).seq);
    log.rekey(alice);
    log.say(alice, 'with bob');
    log.leave(bob);
    log.rekey(alice);
    log.people.splice(log.people.indexOf(bob), 1);
    log.say(alice, 'without bob');
    const { seq } = log.invite(alice, bob);
    log.say(alice, 'welcome back');
    bob.events.length = 0;
    log.follow(bob, seq);
    expect(bob.texts).toEqual(['welcome back']);
    expect(bob.violations).toEqual([]);
    expect(bob.events.filter((event) => event.kind === 'epoch' && event.key === 'wanted')).toHaveLength(1);
  });

  test('reports a server that conceals the invitation and the messages after it', () => {
    const { alice, bob, log } = room({ ...closed, join: 'open' });
    log.invite(alice, bob);
    log.say(alice, 'kept back');
    const since = log.entries.length;
    log.append(composeJoin(bob.author, log.roomId, since));
    log.enter(bob, since);
    log.deliver(bob);
    expect(bob.violations).toEqual(['withheld']);
    expect(bob.state.secrets).toEqual({});
    log.rekey(alice);
    log.say(alice, 'from here on');
    expect(bob.texts).toEqual(['from here on']);
  });

  test('reports a stub of a message that this user may read', () => {
    const { alice, bob, log } = room();
    const { seq } = log.invite(alice, bob);
    const said = log.say(alice, 'kept back');
    log.append(composeJoin(bob.author, log.roomId, log.entries.length));
    log.enter(bob, seq - 1);
    for (const logged of log.entries) {
      bob.take(applyEntry(bob.state, logged === said ? stubOf(said) : logged, crypto));
    }
    expect(bob.violations).toEqual(['withheld']);
    expect(bob.state.head).toEqual(alice.state.head);
  });

  test('can read from the invitation up to the leave', () => {
    const { alice, bob, log } = room();
    log.enter(bob);
    const seen = [mayRead(bob.state)];
    log.deliver(bob);
    seen.push(mayRead(bob.state));
    log.invite(alice, bob);
    seen.push(mayRead(bob.state));
    log.append(composeJoin(bob.author, log.roomId, log.entries.length));
    seen.push(mayRead(bob.state));
    log.leave(bob);
    seen.push(mayRead(bob.state));
    expect(seen).toEqual([false, false, true, true, false]);
  });
});
