/** Names of users that look like the name of a known user. */
import { describe, expect, test } from 'vitest';
import { Pins } from '../../src/identity/pins.ts';

const fingerprint = 'ab'.repeat(32);
const pinned = (...users: string[]) =>
  new Pins(Object.fromEntries(users.map((user) => [user, { fingerprint, verified: false }])));

describe('a name', () => {
  test.each([
    ['al1ce', 'alice'],
    ['aiice', 'alice'],
    ['b0b', 'bob'],
    ['rnallory', 'mallory'],
    ['ali-ce', 'alice'],
    ['alice_', 'alice'],
    ['vvalter', 'walter'],
    ['5am', 'sam'],
  ])('%s looks like %s', (name, known) => {
    expect(pinned('carol', known).lookAlike(name, 'dave')).toBe(known);
    expect(pinned('carol', name).lookAlike(known, 'dave')).toBe(name);
    expect(pinned('carol').lookAlike(name, known)).toBe(known);
  });

  test('does not look like itself, nor like other names', () => {
    expect(pinned('alice', 'bob').lookAlike('alice', 'bob')).toBeNull();
    expect(pinned('alice', 'bob').lookAlike('alina', 'dave')).toBeNull();
    expect(pinned().lookAlike('dave', 'dave')).toBeNull();
  });

  test('is known once it is pinned', () => {
    const pins = pinned();
    expect(pins.lookAlike('b0b', 'alice')).toBeNull();
    pins.meet([{ user: 'bob', fingerprint }]);
    pins.verify('bob', fingerprint);
    expect(pins.lookAlike('b0b', 'alice')).toBe('bob');
  });
});
