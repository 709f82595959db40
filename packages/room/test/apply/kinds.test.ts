/** What a message says: its events, who may say it, and that every kind continues its author's chain. */
import { encodeMessageContent, type MessageBody, type MessageReference } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyBacklog,
  applyEntry,
  composeMessage,
  composeRole,
  currentSecret,
  isReadMessage,
  messageBytes,
  type RoomEvent,
} from '../../src/index.ts';
import { messageKey } from '../../src/keys/schedule.ts';
import { crypto, type Log, type Person, signAnything, three } from '../support/people.ts';

const say = (log: Log, person: Person, body: MessageBody) =>
  log.append(composeMessage(person.author, person.state, body));

/** Signs a message with a body that no honest client makes. */
function forge(log: Log, person: Person, body: MessageBody, change = (bytes: Uint8Array) => bytes) {
  const { state, signer } = person;
  const current = currentSecret(state);
  const chain = state.authors.get(signer.fingerprint);
  if (current === null || chain === undefined) throw new Error('no key');
  const { epochNumber, secret } = current;
  const content = { counter: chain.counter + 1, previous: chain.last, at: person.now, body };
  const key = messageKey(crypto, secret, { roomId: log.roomId, epochNumber, author: signer.fingerprint });
  const token = crypto.encrypt(key, change(encodeMessageContent(content)), person.now);
  const payload = { type: 'message', epoch: epochNumber, head: state.head, token };
  return log.append(signAnything(signer, 'message', log.roomId, payload));
}

const lastOf = (person: Person): RoomEvent | undefined => person.events.at(-1);

/** Returns the reference to the message that a user read last. */
function latest(person: Person): MessageReference {
  const event = person.events.findLast(isReadMessage);
  if (event === undefined) throw new Error('no message');
  return { seq: event.seq, hash: event.hash };
}

describe('a message', () => {
  test('has the event of its kind, with its reference', () => {
    const { alice, bob, log } = three();
    log.say(alice, 'lunch?');
    const target = latest(bob);
    say(log, bob, { kind: 'reply', target, text: 'yes' });
    expect(lastOf(alice)).toMatchObject({ kind: 'message', user: 'bob', text: 'yes', replyTo: target });
    say(log, bob, { kind: 'action', text: 'is hungry' });
    expect(lastOf(alice)).toMatchObject({ kind: 'message', text: 'is hungry', action: true });
    say(log, alice, { kind: 'edit', target, text: 'dinner?' });
    expect(lastOf(bob)).toMatchObject({ kind: 'edited', target, text: 'dinner?', earlierKeys: [] });
    say(log, bob, { kind: 'reaction', target, text: 'ok' });
    expect(lastOf(alice)).toMatchObject({ kind: 'reacted', target, text: 'ok' });
    say(log, alice, { kind: 'delete', target });
    expect(lastOf(bob)).toMatchObject({ kind: 'deleted', target });
    expect([alice.violations, bob.violations]).toEqual([[], []]);
    expect(alice.state.authors.get(alice.signer.fingerprint)?.counter).toBe(3);
  });

  test('of a kind that no version knows yet is no damage, and its author goes on', () => {
    const { alice, bob, log } = three();
    forge(log, alice, { kind: 'newer', number: 200, bytes: new Uint8Array([1, 2, 3]) });
    expect(lastOf(bob)).toMatchObject({ kind: 'newer', user: 'alice', number: 200, body: 'AQID' });
    log.say(alice, 'after');
    expect(bob.texts).toEqual(['after']);
    expect(bob.violations).toEqual([]);
    forge(log, alice, { kind: 'newer', number: 0, bytes: new Uint8Array() });
    expect(lastOf(bob)).toMatchObject({ kind: 'newer', number: 0 });
  });

  test('of a known kind with another body is damaged', () => {
    const { alice, bob, log } = three();
    log.say(alice, 'lunch?');
    const target = latest(bob);
    const bodies: MessageBody[] = [
      { kind: 'reply', target, text: '' },
      { kind: 'delete', target: { ...target, seq: 0 } },
      { kind: 'reaction', target, text: 'x'.repeat(65) },
      { kind: 'newer', number: 4, bytes: new Uint8Array(37) },
      { kind: 'newer', number: 7, bytes: new Uint8Array(39).fill(1) },
      { kind: 'newer', number: 6, bytes: new Uint8Array([0xff]) },
    ];
    for (const body of bodies) forge(log, alice, body);
    expect(bob.violations).toEqual(bodies.map(() => 'damaged'));
  });

  test('that hides another one counts only if its author may hide at that position', () => {
    const { alice, bob, mallory, log } = three();
    log.say(mallory, 'spam');
    const target = latest(alice);
    say(log, alice, { kind: 'hide', target });
    expect(lastOf(bob)).toMatchObject({ kind: 'hidden', user: 'alice', target });
    forge(log, bob, { kind: 'hide', target });
    expect(lastOf(alice)).toMatchObject({ kind: 'without-effect', user: 'bob' });
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    say(log, bob, { kind: 'hide', target });
    expect(lastOf(alice)).toMatchObject({ kind: 'hidden', user: 'bob' });
    expect([...alice.violations, ...bob.violations]).toEqual([]);
  });

  test('names the keys that its author had before', () => {
    const { alice, bob, log } = three();
    log.say(bob, 'typo');
    const [target, before] = [latest(alice), bob.signer.fingerprint];
    log.renewKey(bob);
    log.rekey(alice);
    say(log, bob, { kind: 'edit', target, text: 'no typo' });
    expect(lastOf(alice)).toMatchObject({ kind: 'edited', earlierKeys: [before] });
  });

  test('is not composed without a right to it, without a text, or with too long a one', () => {
    const { bob, alice, log } = three();
    log.say(alice, 'x');
    const target = latest(bob);
    const compose = (body: MessageBody) => thrownCode(() => composeMessage(bob.author, bob.state, body));
    expect(compose({ kind: 'hide', target })).toBe('not-allowed');
    expect(compose({ kind: 'reply', target, text: '' })).toBe('nothing-to-say');
    expect(compose({ kind: 'reaction', target, text: 'x'.repeat(65) })).toBe('reaction-too-long');
    expect(compose({ kind: 'edit', target, text: 'x'.repeat(16_385) })).toBe('message-too-long');
    expect(messageBytes(bob.state, { kind: 'reaction', target, text: '' })).toBe(255);
  });
});

test('a run of one author costs one signature check in a backlog, whatever its kinds are', () => {
  const { alice, bob, log } = three();
  log.say(alice, 'lunch?');
  const [start, target, from] = [bob.state, latest(bob), log.entries.length];
  for (const text of ['a', 'b', 'c', 'd']) say(log, alice, { kind: 'reaction', target, text });
  say(log, alice, { kind: 'delete', target });
  forge(log, alice, { kind: 'newer', number: 99, bytes: new Uint8Array() });
  let checks = 0;
  const verify: typeof crypto.verify = (...signed) => {
    checks += 1;
    return crypto.verify(...signed);
  };
  const { events } = applyBacklog(start, log.entries.slice(from), { ...crypto, verify });
  expect([events.length, checks]).toEqual([6, 1]);
});

const bodies = (target: MessageReference): readonly MessageBody[] => [
  { kind: 'text', text: 'text' },
  { kind: 'reply', target, text: 'reply' },
  { kind: 'edit', target, text: 'edit' },
  { kind: 'delete', target },
  { kind: 'reaction', target, text: '' },
  { kind: 'action', text: 'action' },
  { kind: 'hide', target },
  { kind: 'newer', number: 99, bytes: new Uint8Array([9]) },
];

test('any sequence of kinds has the same events one by one and in a backlog, without a violation', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(7), fc.nat(20)), { minLength: 1, maxLength: 12 }), (steps) => {
      const { alice, bob, mallory, log } = three();
      const [start, first] = [bob.state, bob.events.length];
      const from = log.entries.length;
      for (const [who, kind, at] of steps) {
        const target = { seq: at + 1, hash: 'ab'.repeat(32) };
        const body = bodies(target)[kind] as MessageBody;
        forge(log, [alice, bob, mallory][who] as Person, body);
      }
      const { events, state } = applyBacklog(start, log.entries.slice(from), crypto);
      expect(events).toEqual(bob.events.slice(first));
      expect(events.every(isReadMessage)).toBe(true);
      expect([...state.authors.values()]).toEqual([...bob.state.authors.values()]);
      const one = applyEntry(start, log.entries[from] as (typeof log.entries)[number], crypto);
      expect(one.events).toEqual(events.slice(0, 1));
    }),
    { numRuns: 20 },
  );
});
