/** How long a key may serve, whatever keeps its members from making another one. */
import { limits } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { applyEntry, composeEpoch, composeMessage, hubOrder, isKeyWornOut, noteKeySeen } from '../../src/index.ts';
import { fieldsOf, type Person, signAnything, three } from '../support/people.ts';

const { lastKeyEntries, lastKeyAge, freshKeyEntries } = limits;

/** Returns a state in which the fresh key is `entries` entries old. */
const used = <S extends { readonly head: { readonly seq: number }; readonly freshSeq: number }>(
  state: S,
  entries: number,
) => ({
  ...state,
  freshSeq: state.head.seq - entries,
});

describe('an author', () => {
  test('composes no message once the key has served for the last entry', () => {
    const { alice } = three();
    composeMessage(alice.author, used(alice.state, lastKeyEntries - 1), 'the last one');
    expect(() => composeMessage(alice.author, used(alice.state, lastKeyEntries), 'too late')).toThrow(
      expect.objectContaining({ code: 'rekey-pending' }),
    );
  });

  test('composes no message once the key is too old by the own clock', () => {
    const { alice, log } = three();
    alice.state = noteKeySeen(alice.state, alice.now);
    log.say(alice, 'used');
    const at = (now: number) => () => composeMessage({ ...alice.author, now }, alice.state, 'late');
    at(alice.now + lastKeyAge - 1)();
    expect(at(alice.now + lastKeyAge)).toThrow(expect.objectContaining({ code: 'rekey-pending' }));
    // No clock ages an unused key.
    expect(isKeyWornOut({ ...alice.state, freshSeq: alice.state.head.seq }, alice.now + 2 * lastKeyAge)).toBe(false);
  });

  test('composes again under the next fresh key', () => {
    const { alice, bob, log } = three();
    for (const person of log.people) person.state = used(person.state, lastKeyEntries);
    log.rekey(alice);
    log.say(bob, 'under the new key');
    expect(alice.texts).toEqual(['under the new key']);
  });
});

describe('a reader', () => {
  test('reports an author whose view shows that the key has served too long, and shows the message', () => {
    const { alice, bob, log } = three();
    const entry = (text: string) => composeMessage(bob.author, bob.state, text);
    alice.state = used(alice.state, lastKeyEntries - 2);
    log.append(entry('in time'));
    expect(alice.violations).toEqual([]);
    log.append(entry('almost'));
    log.append(entry('too late'));
    expect([alice.texts, alice.violations]).toEqual([['in time', 'almost', 'too late'], ['overused-key']]);
  });

  test('does not blame an author for entries that the author had not seen', () => {
    const { alice, bob, log } = three();
    const early = composeMessage(bob.author, bob.state, 'composed in time');
    log.say(alice, 'one');
    alice.state = used(alice.state, lastKeyEntries);
    log.append(early);
    expect(alice.violations).toEqual([]);
  });
});

describe('a needless key', () => {
  test.each([
    ['count', freshKeyEntries - 1, ['needless-key']],
    ['count', freshKeyEntries, []],
    ['age', 0, ['needless-key']],
    ['age', 1, []],
  ] as const)('for %s after %i entries: %j', (reason, entries, violations) => {
    const { alice, bob, mallory, log } = three();
    const due = composeEpoch(mallory.author, used(mallory.state, freshKeyEntries), log.linksOf(mallory));
    const entry = signAnything(mallory.signer, 'epoch', log.roomId, { ...fieldsOf(due.entry.payload), reason });
    const before = used(bob.state, entries);
    const { state, events } = applyEntry(before, { seq: before.head.seq + 1, at: 0, entry }, bob.author.crypto);
    expect(events.flatMap((event) => (event.kind === 'violation' ? [event.code] : []))).toEqual(violations);
    // The key counts, so that no two members disagree. Its author makes the next one last.
    expect(state.epoch?.number).toBe(4);
    const withKey = { ...state, secrets: { 4: alice.state.secrets[3] ?? '' } };
    const order = hubOrder(withKey, ['mallory', 'alice', 'bob']).map(({ user }) => user);
    expect(order.at(-1) === 'mallory').toBe(violations.length > 0);
  });
});

test('the author of a key that another member replaces for want of it acts last from then on, as for who lacks it before', () => {
  const { alice, bob, mallory } = three();
  const lose = (by: Person) => {
    const { entry } = composeEpoch(by.author, { ...by.state, secrets: {} }, new Map());
    for (const person of [alice, bob, mallory]) {
      person.take(applyEntry(person.state, { seq: person.state.head.seq + 1, at: 0, entry }, by.author.crypto));
    }
  };
  const named = (fingerprints: readonly string[] = []) => fingerprints.map((each) => bob.state.members.get(each)?.user);
  const order = (state = bob.state) => hubOrder(state, ['mallory', 'alice', 'bob']).map(({ user }) => user);
  const withKey = () => ({ ...bob.state, secrets: { [bob.state.epoch?.number ?? 0]: 'AAAA' } });

  lose(mallory);
  expect([named(bob.state.actLast), order(withKey()).at(-1), order().slice(1)]).toEqual([
    ['alice'],
    'alice',
    ['mallory', 'alice'],
  ]);
  lose(alice);
  expect([named(bob.state.actLast), order(withKey())]).toEqual([
    ['mallory', 'alice'],
    ['bob', 'mallory', 'alice'],
  ]);
  // Who replaces an own key accuses no other member.
  lose(alice);
  expect(named(bob.state.actLast)).toEqual(['mallory', 'alice']);
});
