/** The turns of a room's epochs: who leaves the next one to others, for how long, and how much is remembered. */
import { thrownCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { EpochTurns } from '../../src/throttle/epoch-turns.ts';

const hourMs = 60 * 60_000;

let turns: EpochTurns;
let now: number;

beforeEach(() => {
  turns = new EpochTurns();
  now = 0;
});

const made = (author: string, flags: { isBad?: boolean; isCounted?: boolean; replaces?: boolean } = {}, room = 'den') =>
  turns.made(room, { author, isBad: false, isCounted: false, replaces: false, now, ...flags });
const refused = 'limit-reached';
const wants = (user: string, room = 'den', hasOthers = true) => {
  try {
    turns.require(room, { user, hasOthers, now });
    return null;
  } catch (error) {
    return thrownCode(() => {
      throw error;
    });
  }
};

test('remembers 10,000 rooms, and forgets the one whose epoch is the oldest', () => {
  const rooms = Array.from({ length: 10_001 }, (_, index) => `room ${index}`);
  for (const room of rooms.slice(0, 10_000)) made('mallory', { isBad: true }, room);
  expect(wants('mallory', rooms[0])).toBe(refused);
  made('mallory', { isBad: true }, rooms[10_000]);
  expect([0, 1, 10_000].map((index) => wants('mallory', rooms[index]))).toEqual([null, refused, refused]);
});

test('lets the author of a replaced epoch wait for an hour, and not the one who replaced it', () => {
  made('mallory');
  made('alice', { isBad: true, replaces: true });
  expect([wants('mallory'), wants('alice')]).toEqual([refused, null]);
  // Other members make keys meanwhile, which changes nothing, and each begins the half minute anew.
  for (let count = 0; count < 4; count++) {
    now += 20_000;
    expect(wants('mallory')).toBe(refused);
    made('alice');
  }
  now = hourMs - 1;
  expect(wants('mallory')).toBe(refused);
  now = hourMs;
  expect(wants('mallory')).toBeNull();
});

test('lets the accused act when no other member does, once for all', () => {
  made('alice');
  made('mallory', { isBad: true, replaces: true });
  expect([wants('alice'), wants('alice', 'den', false)]).toEqual([refused, null]);
  now += 30_000;
  expect(wants('alice')).toBeNull();
  made('alice');
  expect(wants('alice')).toBeNull();
});

test('accuses no member who replaces a key of its own, or who is unknown', () => {
  made('alice', { isBad: true, replaces: true });
  expect(wants('alice')).toBe(refused);
  made('alice', { isBad: true, replaces: true });
  made('bob', { isBad: true, replaces: true }, 'attic');
  expect([wants('alice'), wants('bob', 'attic')]).toEqual([refused, refused]);
});

test('remembers eight authors of a room', () => {
  const users = Array.from({ length: 9 }, (_, index) => `mallory-${index}`);
  for (const user of users) {
    made(user);
    made('alice', { isBad: true, replaces: true });
  }
  expect(users.map((user) => wants(user))).toEqual([null, ...Array.from({ length: 8 }, () => refused)]);
});

test('knows whether the latest epoch is one of another member that counted', () => {
  expect(turns.isCountedOfOther('den', 'alice')).toBe(false);
  made('mallory', { isBad: true, isCounted: true });
  expect(['alice', 'mallory'].map((user) => turns.isCountedOfOther('den', user))).toEqual([true, false]);
  made('alice', { isBad: true, replaces: true });
  expect(turns.isCountedOfOther('den', 'bob')).toBe(false);
});
