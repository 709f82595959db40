import { entryHash, limits } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeJoin,
  composeLeave,
  composeMessage,
  currentSecret,
  emptyRoom,
  isRekeyPending,
  isRemovalPending,
  lacksKey,
  membersOf,
} from '../src/index.ts';
import { crypto, Log, Person } from './support/people.ts';

function aliceAndBob() {
  const alice = new Person('alice');
  const log = new Log(alice);
  const bob = new Person('bob');
  log.join(bob, alice);
  return { alice, bob, log };
}

describe('a conversation', () => {
  test('two members read each other, and nobody sees a breach', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'hello bob');
    log.say(bob, 'hello alice');
    log.say(bob, 'how are you?');

    expect(alice.texts).toEqual(['hello bob', 'hello alice', 'how are you?']);
    expect(bob.texts).toEqual(alice.texts);
    expect([...alice.violations, ...bob.violations]).toEqual([]);
    expect(bob.state.head).toEqual(alice.state.head);
  });

  test('a newcomer reads nothing from before, and everything after', () => {
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

  test('a join steps the key one way: one wrap, and the newcomer cannot go back', () => {
    const { alice, bob, log } = aliceAndBob();
    expect(bob.state.epoch).toMatchObject({ number: 2, kind: 'step' });
    expect([...log.wraps.keys()].filter((key) => key.startsWith('2 '))).toEqual([`2 ${bob.signer.fingerprint}`]);
    expect(bob.state.secrets[1]).toBeUndefined();
    expect(bob.state.secrets[2]).toBe(alice.state.secrets[2]);
  });

  test('after a leave the room waits for a fresh key, and the leaver reads nothing that follows', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'with bob');
    const kept = { ...bob.state };
    log.leave(bob);
    expect(isRemovalPending(alice.state)).toBe(true);
    expect(() => composeMessage(alice.author, alice.state, 'too early')).toThrow(
      expect.objectContaining({ code: 'rekey-pending' }),
    );

    log.rekey(alice);
    expect(alice.state.epoch).toMatchObject({ number: 3, kind: 'fresh' });
    log.say(alice, 'without bob');
    expect(alice.texts).toEqual(['with bob', 'without bob']);
    expect(bob.texts).toEqual(['with bob']);
    expect(currentSecret(alice.state)?.secret).not.toEqual(currentSecret(kept)?.secret);
    expect(() => log.wrap(bob, 3)).toThrow(expect.objectContaining({ code: 'no-wrap' }));
  });

  test('who leaves and joins again starts from nothing, and may speak again', () => {
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

  test('who joins again keeps nothing that they knew before', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(bob, 'one');
    log.leave(bob);
    log.rekey(alice);
    log.append(composeJoin(bob.author, log.room, log.entries.length));
    log.rekey(alice);
    expect(Object.keys(bob.state.secrets)).toEqual(['4']);
    expect(Object.keys(bob.state.authors)).toEqual([bob.signer.fingerprint]);
  });

  test('who joins again with nothing kept reads the log without false alarms', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'between');
    log.leave(bob);
    log.rekey(alice);
    log.people.splice(log.people.indexOf(bob), 1);
    log.say(alice, 'without bob');
    bob.events.length = 0;
    log.enter(bob);
    const since = log.entries.length;
    log.append(composeJoin(bob.author, log.room, since));
    // What the server gives for the messages from before.
    bob.state = emptyRoom(log.room, bob.signer.fingerprint, { since });
    bob.events.length = 0;
    for (const logged of log.entries) {
      const stub = logged.entry.type === 'message' && logged.seq <= since;
      const item = stub ? { seq: logged.seq, hash: entryHash(logged.entry) } : logged;
      bob.take(applyEntry(bob.state, item, crypto));
    }
    expect(bob.violations).toEqual([]);
    expect(bob.events.filter((event) => event.kind === 'epoch' && event.key !== 'none')).toEqual([]);
    log.rekey(alice);
    log.say(alice, 'welcome back');
    expect(bob.texts).toEqual(['welcome back']);
    expect(bob.violations).toEqual([]);
  });

  test('a join and a leave at once are answered by one fresh key', () => {
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

  test('a newcomer alone online gives the room a fresh key, and the others find their wrap', () => {
    const alice = new Person('alice');
    const log = new Log(alice);
    log.people.length = 0;
    const bob = new Person('bob');
    log.join(bob, bob);
    log.say(bob, 'anybody here?');
    log.deliver(alice);
    expect(alice.texts).toEqual(['anybody here?']);
    expect(alice.violations).toEqual([]);
  });

  test('a member who was away through several keys reads all of it in order', () => {
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

  test('state survives being stored as JSON, at every point', () => {
    const { alice, bob, log } = aliceAndBob();
    for (const text of ['a', 'b']) {
      alice.state = JSON.parse(JSON.stringify(alice.state));
      log.say(alice, text);
    }
    expect(bob.texts).toEqual(['a', 'b']);
    expect(bob.violations).toEqual([]);
  });

  test('states are never changed in place', () => {
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

  test('lengths are padded: texts of one bucket give tokens of one length', () => {
    const { alice, log } = aliceAndBob();
    const token = (text: string) => JSON.parse(log.say(alice, text).entry.payload).token.length;
    expect(token('a')).toBe(token('a longer text, by some words'));
    expect(token('a')).toBeLessThan(token('x'.repeat(2000)));
  });

  test('the longest text fits, one byte more is refused', () => {
    const { alice, bob, log } = aliceAndBob();
    log.say(alice, 'x'.repeat(limits.messageTextBytes));
    expect(bob.texts[0]?.length).toBe(limits.messageTextBytes);
    expect(() => composeMessage(alice.author, alice.state, 'x'.repeat(limits.messageTextBytes + 1))).toThrow(
      expect.objectContaining({ code: 'message-too-long' }),
    );
    expect(() => composeMessage(alice.author, alice.state, '\u0001'.repeat(8000))).toThrow(
      expect.objectContaining({ code: 'message-too-long' }),
    );
  });

  test('who is not a member composes nothing', () => {
    const { bob, log } = aliceAndBob();
    log.leave(bob);
    const failure = expect.objectContaining({ code: 'not-a-member' });
    expect(() => composeMessage(bob.author, bob.state, 'x')).toThrow(failure);
    expect(() => composeLeave(bob.author, bob.state)).toThrow(failure);
  });

  test('a member whom the hub gave no good key makes a fresh one', () => {
    const { alice, bob, log } = aliceAndBob();
    const carol = new Person('carol');
    log.enter(carol);
    log.append(composeJoin(carol.author, log.room, log.entries.length));
    const proposal = log.propose(alice);
    alice.state = proposal.state;
    for (const { to } of proposal.wraps) log.wraps.set(`3 ${to}`, 'AAAA');
    log.append(proposal.entry);
    expect(carol.violations).toEqual(['wrong-key']);
    expect([lacksKey(alice.state), lacksKey(bob.state), lacksKey(carol.state)]).toEqual([false, false, true]);

    log.rekey(carol);
    log.say(bob, 'all of us again');
    for (const person of [alice, bob, carol]) expect(person.texts).toEqual(['all of us again']);
  });
});
