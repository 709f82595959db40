import { limits } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeJoin,
  composeLeave,
  composeMessage,
  currentSecret,
  emptyRoom,
  isNewcomerPending,
  isRekeyPending,
  isRemovalPending,
  lacksKey,
  membersOf,
  restoredRoom,
} from '../src/index.ts';
import { crypto, fieldsOf, Log, Person, stubOf, withBadWraps } from './support/people.ts';

function aliceAndBob() {
  const alice = new Person('alice');
  const log = new Log(alice);
  const bob = new Person('bob');
  log.join(bob, alice);
  return { alice, bob, log };
}

describe('a conversation', () => {
  test("two members read each other's messages without a violation", () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'hello bob');
    log.say(bob, 'hello alice');
    log.say(bob, 'how are you?');

    expect(alice.texts).toEqual(['hello bob', 'hello alice', 'how are you?']);
    expect(bob.texts).toEqual(alice.texts);
    expect([...alice.violations, ...bob.violations]).toEqual([]);
    expect(bob.state.head).toEqual(alice.state.head);
  });

  test('a newcomer cannot read earlier messages, and can read all later ones', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'before carol');
    const carol = new Person('carol');
    log.join(carol, bob);
    log.say(bob, 'after carol');

    expect(carol.texts).toEqual(['after carol']);
    expect(carol.violations).toEqual([]);
    expect(Object.keys(carol.state.secrets)).toEqual(['3']);
    expect(alice.texts).toEqual(['before carol', 'after carol']);
  });

  test('members know of a newcomer until an epoch is made, unless newcomers can read all', () => {
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((user) => new Person(user)) as [Person, Person, Person];
    const log = new Log(alice);
    const seen = [isNewcomerPending(alice.state)];
    log.enter(bob);
    log.append(composeJoin(bob.author, log.roomId, log.entries.length));
    seen.push(isNewcomerPending(alice.state));
    log.rekey(alice);
    seen.push(isNewcomerPending(alice.state));
    log.leave(bob);
    seen.push(isNewcomerPending(alice.state));
    expect(seen).toEqual([false, true, false, false]);
    const forAll = new Log(carol, 'lobby', { join: 'open', history: 'all' });
    forAll.enter(alice);
    forAll.append(composeJoin(alice.author, forAll.roomId, forAll.entries.length));
    expect([isRekeyPending(carol.state), isNewcomerPending(carol.state)]).toEqual([true, false]);
  });

  test('a join causes a step with one wrap, from which the newcomer cannot derive earlier keys', () => {
    const { alice, bob, log } = aliceAndBob();
    expect(bob.state.epoch).toMatchObject({ number: 2, kind: 'step' });
    expect([...log.wraps.keys()].filter((key) => key.startsWith('2 '))).toEqual([`2 ${bob.signer.fingerprint}`]);
    expect(bob.state.secrets[1]).toBeUndefined();
    expect(bob.state.secrets[2]).toBe(alice.state.secrets[2]);
  });

  test('after a leave the room waits for a fresh key, and the departed member cannot read later messages', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'with bob');
    const kept = { ...bob.state };
    log.leave(bob);
    expect(isRemovalPending(alice.state)).toBe(true);
    expect(thrownCode(() => composeMessage(alice.author, alice.state, 'too early'))).toBe('rekey-pending');

    log.rekey(alice);
    expect(alice.state.epoch).toMatchObject({ number: 3, kind: 'fresh' });
    log.say(alice, 'without bob');
    expect(alice.texts).toEqual(['with bob', 'without bob']);
    expect(bob.texts).toEqual(['with bob']);
    expect(currentSecret(alice.state)?.secret).not.toEqual(currentSecret(kept)?.secret);
    expect([log.wraps.has(`3 ${bob.signer.fingerprint}`), log.proof(bob, 3)]).toEqual([false, null]);
  });

  test('a user who leaves and joins again begins without keys, and can send messages again', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(bob, 'one');
    log.leave(bob);
    log.rekey(alice);
    log.people.pop();
    bob.prekey = new Person('x').prekey;
    log.join(bob, alice);
    log.say(bob, 'back');
    expect(alice.texts).toEqual(['one', 'back']);
    expect(alice.violations).toEqual([]);
    expect(bob.texts.at(-1)).toBe('back');
  });

  test('a user who joins again keeps no secret of the earlier membership', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(bob, 'one');
    log.leave(bob);
    log.rekey(alice);
    log.append(composeJoin(bob.author, log.roomId, log.entries.length));
    log.rekey(alice);
    expect(Object.keys(bob.state.secrets)).toEqual(['4']);
    expect(Object.keys(bob.state.authors.toJSON())).toEqual([bob.signer.fingerprint]);
  });

  test('a user who joins again reads the log from its first entry without a violation', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'between');
    log.leave(bob);
    log.rekey(alice);
    log.people.splice(log.people.indexOf(bob), 1);
    log.say(alice, 'without bob');
    bob.events.length = 0;
    log.enter(bob);
    const since = log.entries.length;
    log.append(composeJoin(bob.author, log.roomId, since));
    // What the server gives for the messages from before.
    bob.state = emptyRoom(log.roomId, bob.signer.fingerprint, { since });
    bob.events.length = 0;
    for (const logged of log.entries) {
      const stub = logged.entry.type === 'message' && logged.seq <= since;
      const item = stub ? stubOf(logged) : logged;
      bob.take(applyEntry(bob.state, item, crypto));
    }
    expect(bob.violations).toEqual([]);
    expect(bob.events.filter((event) => event.kind === 'epoch' && event.key !== 'none')).toEqual([]);
    log.rekey(alice);
    log.say(alice, 'welcome back');
    expect(bob.texts).toEqual(['welcome back']);
    expect(bob.violations).toEqual([]);
  });

  test('one fresh key answers a join and a leave', () => {
    const { alice, bob, log } = aliceAndBob();
    const carol = new Person('carol');
    log.leave(bob);
    log.join(carol, alice);
    expect(alice.state.epoch).toMatchObject({ kind: 'fresh', answers: alice.state.membershipSeq });
    expect(isRekeyPending(alice.state)).toBe(false);
    log.say(carol, 'hi');
    expect(alice.texts).toEqual(['hi']);
    expect(membersOf(alice.state).map(({ user }) => user)).toEqual(['alice', 'carol']);
  });

  test('a newcomer who is online alone makes a fresh key, and the other members fetch their wraps', () => {
    const alice = new Person('alice');
    const log = new Log(alice);
    log.people.length = 0;
    const bob = new Person('bob');
    log.join(bob, bob);
    log.say(bob, 'hello');
    log.deliver(alice);
    expect(alice.texts).toEqual(['hello']);
    expect(alice.violations).toEqual([]);
  });

  test('a member who was away during several epochs reads all messages in order', () => {
    const { alice, bob, log } = aliceAndBob();
    const away = new Person('away');
    log.join(away, alice);
    log.people.pop();
    log.say(alice, '1');
    for (const name of ['c', 'd', 'e']) {
      const guest = new Person(name);
      log.join(guest, bob);
      log.say(guest, name);
      log.leave(guest);
      log.rekey(alice);
      log.say(bob, `${name} left`);
    }
    log.deliver(away);
    expect(away.texts).toEqual(['1', 'c', 'c left', 'd', 'd left', 'e', 'e left']);
    expect(away.violations).toEqual([]);
  });

  test('a state that is stored as JSON and read again is the same after every entry', () => {
    const { alice, bob, log } = aliceAndBob();
    for (const text of ['a', 'b']) {
      alice.state = restoredRoom(JSON.parse(JSON.stringify(alice.state)));
      log.say(alice, text);
    }
    expect(bob.texts).toEqual(['a', 'b']);
    expect(bob.violations).toEqual([]);
  });

  test('a state is never changed in place', () => {
    const { alice, bob, log } = aliceAndBob();
    const deepFreeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
      Object.freeze(value);
      Object.values(value).forEach(deepFreeze);
    };
    deepFreeze(alice.state);
    log.say(bob, 'frozen?');
    deepFreeze(alice.state);
    log.leave(bob);
    deepFreeze(alice.state);
    log.rekey(alice);
    expect(alice.texts).toEqual(['frozen?']);
  });

  test('texts of one bucket give tokens of one length', () => {
    const { alice, log } = aliceAndBob();
    const token = (text: string) => fieldsOf(log.say(alice, text).entry.payload).token.length;
    expect(token('a')).toBe(token('a longer text, by some words'));
    expect(token('a')).toBeLessThan(token('x'.repeat(2000)));
  });

  test('the longest text is accepted, and one byte more is refused', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'x'.repeat(limits.messageTextBytes));
    expect(bob.texts[0]?.length).toBe(limits.messageTextBytes);
    expect(thrownCode(() => composeMessage(alice.author, alice.state, 'x'.repeat(limits.messageTextBytes + 1)))).toBe(
      'message-too-long',
    );
  });

  test('a user who is not a member cannot compose entries', () => {
    const { bob, log } = aliceAndBob();
    log.leave(bob);
    expect(thrownCode(() => composeMessage(bob.author, bob.state, 'x'))).toBe('not-a-member');
    expect(thrownCode(() => composeLeave(bob.author, bob.state))).toBe('not-a-member');
  });

  test('a member to whom the hub gave no valid key makes a fresh one', () => {
    const { alice, bob, log } = aliceAndBob();
    const carol = new Person('carol');
    log.enter(carol);
    log.append(composeJoin(carol.author, log.roomId, log.entries.length));
    const proposal = log.propose(alice);
    const bad = withBadWraps(alice, proposal);
    alice.state = proposal.state;
    log.putWraps(3, bad);
    log.append(bad.entry);
    expect(carol.violations).toEqual(['wrong-key']);
    expect([lacksKey(alice.state), lacksKey(bob.state), lacksKey(carol.state)]).toEqual([false, false, true]);

    log.rekey(carol);
    log.say(bob, 'all of us again');
    for (const person of [alice, bob, carol]) expect(person.texts).toEqual(['all of us again']);
  });
});
