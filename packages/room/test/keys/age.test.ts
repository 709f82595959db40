import { limits } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import {
  composeEpoch,
  composeJoin,
  emptyRoom,
  isKeyWornOut,
  keyExpiry,
  noteKeySeen,
  rekeyDue,
  rekeyReason,
} from '../../src/index.ts';
import { fieldsOf, type Log, Person, signAnything, three } from '../support/people.ts';

const hour = limits.freshKeyAge;

/** Returns a state in which the fresh key is `entries` entries old. */
const used = ({ state }: Person, entries: number) => ({ ...state, freshSeq: state.head.seq - entries });

/** Lets all members record the key, each by its own clock. */
function note(log: Log): void {
  for (const person of log.people) person.state = noteKeySeen(person.state, person.now);
}

/** Lets each member for which a new key is due make one, until none is due. Returns the members that did. */
function settle(log: Log): string[] {
  const acted: string[] = [];
  note(log);
  for (;;) {
    const due = log.people.find(({ state, now }) => rekeyReason(state, now) !== null);
    if (due === undefined) return acted;
    acted.push(due.user);
    expect(acted.length).toBeLessThan(10);
    log.rekey(due);
    note(log);
  }
}

describe('an old key', () => {
  test('is replaced after the maximum number of entries by a fresh one for all members', () => {
    const { alice, bob, mallory, log } = three();
    expect(rekeyDue(used(alice, limits.freshKeyEntries - 1), alice.now)).toBeNull();
    for (const person of [alice, bob, mallory]) person.state = used(person, limits.freshKeyEntries);
    expect(rekeyReason(alice.state, alice.now)).toBe('count');

    log.rekey(alice);
    expect(bob.events.at(-1)).toMatchObject({ kind: 'epoch', reason: 'count', key: 'wanted' });
    expect(bob.state.epoch).toMatchObject({ number: 4, kind: 'fresh' });
    expect(bob.state.secrets[4]).toBe(alice.state.secrets[4]);
    expect(rekeyReason(bob.state, bob.now)).toBeNull();
    log.say(bob, 'under the new key');
    expect(mallory.texts).toEqual(['under the new key']);
    expect(mallory.violations).toEqual([]);
  });

  test('serves for a second at least, however many entries follow it', () => {
    const { alice, log } = three();
    note(log);
    const { freshSeenAt } = alice.state;
    const busy = used(alice, limits.freshKeyEntries);
    const due = (freshSeenAt ?? 0) + limits.busyKeyAge;
    expect([keyExpiry(busy), rekeyDue(busy, due - 1), rekeyDue(busy, due)]).toEqual([due, null, 'count']);
    // A clock that was set back makes it no younger than the time from then on.
    expect(keyExpiry(noteKeySeen(busy, (freshSeenAt ?? 0) - hour))).toBe(due - hour);
  });

  test('keeps its age over steps, and the next join brings the fresh key that is due', () => {
    const { alice, bob, log } = three();
    expect(alice.state.epoch).toMatchObject({ number: 3, kind: 'step' });
    expect(alice.state.freshSeq).toBe(2);
    for (const person of log.people) person.state = used(person, limits.freshKeyEntries);
    const carol = new Person('carol');
    log.join(carol, alice);
    expect(bob.events.at(-1)).toMatchObject({ reason: 'join', key: 'wanted' });
    expect(bob.state.epoch).toMatchObject({ number: 4, kind: 'fresh' });
    expect(rekeyReason(bob.state, bob.now)).toBeNull();
    log.say(carol, 'hello');
    expect(bob.texts).toEqual(['hello']);
  });

  test('is replaced after an hour by the own clock, whatever the times in entries', () => {
    const { alice, log } = three();
    note(log);
    log.say(alice, 'used');
    const seen = alice.state.freshSeenAt ?? 0;
    expect(keyExpiry(alice.state)).toBe(seen + hour);
    expect(rekeyDue(alice.state, seen + hour - 1)).toBeNull();
    expect(rekeyDue(alice.state, seen + hour)).toBe('age');
    alice.now += hour;
    log.rekey(alice);
    expect(log.people.map(({ events }) => events.at(-1))).toEqual(
      log.people.map(() => expect.objectContaining({ kind: 'epoch', reason: 'age' })),
    );
  });

  test('is not replaced while no entry follows it', () => {
    const { alice, bob, log } = three();
    log.leave(bob);
    log.rekey(alice);
    note(log);
    expect(keyExpiry(alice.state)).toBeNull();
    alice.now += 100 * hour;
    expect(rekeyReason(alice.state, alice.now)).toBeNull();
  });

  test('is replaced at its first use after an hour without one, and serves the authors for ten minutes more', () => {
    const { alice, bob, log } = three();
    log.leave(bob);
    log.rekey(alice);
    note(log);
    alice.now += 5 * hour;
    const before = alice.state;
    log.say(alice, 'good morning');
    const state = noteKeySeen(alice.state, alice.now, before);
    expect([rekeyDue(state, alice.now), isKeyWornOut(state, alice.now)]).toEqual(['age', false]);
    const hard = alice.now + limits.lastKeyAge - hour;
    expect([isKeyWornOut(state, hard - 1), isKeyWornOut(state, hard)]).toEqual([false, true]);
    // Only the first use counts, and it makes no key older or of unknown age younger.
    alice.state = state;
    log.say(alice, 'once more');
    expect(noteKeySeen({ ...alice.state, freshSeenAt: 7 }, hard, state).freshSeenAt).toBe(7);
    const young = { ...state, freshSeenAt: alice.now - 1 };
    expect(noteKeySeen(young, alice.now, before)).toBe(young);
    expect(noteKeySeen({ ...state, freshSeenAt: null }, alice.now, before).freshSeenAt).toBe(alice.now);
  });

  test("is replaced at most once more because of a wrong clock, even the hub's", () => {
    const { alice, bob, mallory, log } = three();
    alice.now -= 400 * hour;
    mallory.now += 400 * hour;
    expect(settle(log)).toEqual([]);
    for (const person of log.people) person.now += hour;
    log.say(bob, 'an hour later');
    expect(settle(log)).toHaveLength(1);
    expect(settle(log)).toEqual([]);

    // A clock that jumps ahead, and then to before its first time.
    mallory.now += 50 * hour;
    log.say(bob, 'jump');
    expect(settle(log)).toEqual(['mallory']);
    mallory.now -= 500 * hour;
    log.say(bob, 'jump back');
    expect(settle(log)).toEqual([]);
    mallory.now += hour - 1;
    expect(settle(log)).toEqual([]);
    mallory.now += 1;
    expect(settle(log)).toEqual(['mallory']);
  });

  test('does not become older by the time that a member signs into an epoch', () => {
    const { alice, bob, log } = three();
    bob.now = 0;
    alice.state = used(alice, limits.freshKeyEntries);
    bob.state = used(bob, limits.freshKeyEntries);
    log.rekey(bob);
    log.say(alice, 'used');
    expect(settle(log)).toEqual([]);
  });
});

describe('a room without a key', () => {
  const { head, ...room } = emptyRoom('0'.repeat(64), '1'.repeat(64));
  const grown = { ...room, head: { ...head, seq: limits.lastKeyEntries } };

  test('has none that becomes old or is worn out, however many entries it has', () => {
    expect([rekeyDue(grown, 100 * hour), isKeyWornOut(grown, 100 * hour)]).toEqual([null, false]);
  });

  test('has none that the client has seen', () => {
    expect(noteKeySeen(grown, hour)).toBe(grown);
    const { alice } = three();
    expect(noteKeySeen(alice.state, hour).freshSeenAt).toBe(hour);
  });
});

test('a key does not age before the client has noted that it knows it', () => {
  const { alice, log } = three();
  log.say(alice, 'used');
  const unseen = { ...alice.state, freshSeenAt: null };
  expect([keyExpiry(unseen), rekeyDue(unseen, 100 * hour), isKeyWornOut(unseen, 100 * hour)]).toEqual([
    null,
    null,
    false,
  ]);
  const seen = noteKeySeen(unseen, hour);
  for (const later of [0, 1, hour]) expect(noteKeySeen(seen, hour + later)).toBe(seen);
  expect(noteKeySeen(seen, hour - 1).freshSeenAt).toBe(hour - 1);
});

describe('an epoch without a change of the membership', () => {
  test('is fresh: a step and a wrong reason are rejected', () => {
    const { alice, bob, log } = three();
    const due = composeEpoch(alice.author, used(alice, limits.freshKeyEntries), log.linksOf(alice));
    const payload = fieldsOf(due.entry.payload);
    expect(payload).toMatchObject({ kind: 'fresh', reason: 'count', answers: bob.state.epoch?.answers });
    log.append(signAnything(alice.signer, 'epoch', log.roomId, { ...payload, kind: 'step' }));
    log.append(signAnything(alice.signer, 'epoch', log.roomId, { ...payload, reason: 'membership' }));
    expect(bob.violations).toEqual(['wrong-epoch', 'wrong-epoch']);

    const carol = new Person('carol');
    log.enter(carol);
    log.append(composeJoin(carol.author, log.roomId, log.entries.length));
    const answering = fieldsOf(log.propose(alice).entry.payload);
    log.append(signAnything(alice.signer, 'epoch', log.roomId, { ...answering, reason: 'age' }));
    expect(bob.violations).toEqual(['wrong-epoch', 'wrong-epoch', 'wrong-epoch']);
    expect(bob.state.epoch?.number).toBe(3);
  });

  test('reports that its author did not have the secret', () => {
    const { alice, bob, log } = three();
    const { [bob.state.epoch?.number ?? 0]: _, ...secrets } = bob.state.secrets;
    bob.state = { ...bob.state, secrets };
    log.rekey(bob);
    expect(alice.events.at(-1)).toMatchObject({ kind: 'epoch', by: 'bob', reason: 'lost-key' });
  });
});
