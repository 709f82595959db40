/** The turns of a room's epochs: who leaves the next one to others, for how long, and how much is remembered. */
import { thrownCode } from '@chat/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { EpochTurns, type MadeEpoch } from '../../src/throttle/epoch-turns.ts';

const hourMs = 60 * 60_000;

let turns: EpochTurns;
let now: number;

beforeEach(() => {
  turns = new EpochTurns();
  now = 0;
  others = 4;
});

type Flags = Partial<Pick<MadeEpoch, 'epochNumber' | 'isBad' | 'isCounted' | 'replaces' | 'leavesOut'>>;
let others: number;
const othersThan = () => others;
const made = (author: string, flags: Flags = {}, room = 'den') => {
  const honest = { epochNumber: 1, isBad: false, isCounted: false, replaces: false, leavesOut: false };
  turns.made(room, { ...honest, author, othersThan, now, ...flags });
};
const refused = 'limit-reached';
const wants = (user: string, room = 'den', hasOthers = true) => {
  try {
    turns.require(room, { user, othersThan: () => (hasOthers ? others : 0), now });
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

const lacks = (user: string, number = 1) => turns.noteKey('den', { number, user, has: false });

describe('an epoch whose key most of the others lack', () => {
  test('lets its author leave the next one to others, and for an hour once another member has made one', () => {
    made('mallory');
    for (const user of ['alice', 'bob', 'carol']) {
      expect(wants('mallory')).toBeNull();
      lacks(user);
    }
    expect([wants('mallory'), wants('alice'), wants('mallory', 'attic')]).toEqual([refused, null, null]);
    made('alice', { epochNumber: 2 });
    made('bob', { epochNumber: 3 });
    now = hourMs - 1;
    expect([wants('mallory'), wants('alice')]).toEqual([refused, null]);
    now = hourMs;
    expect(wants('mallory')).toBeNull();
  });

  test('lets its author go on when no other member does', () => {
    made('mallory');
    for (const user of ['alice', 'bob', 'carol']) lacks(user);
    expect([wants('mallory'), wants('mallory', 'den', false)]).toEqual([refused, null]);
    now = 30_000;
    expect([wants('mallory'), wants('mallory')]).toEqual([null, null]);
  });

  test('is not replaced by one that leaves members out, or by another one of its author', () => {
    for (const author of ['mallory', 'zoe']) {
      made('mallory');
      for (const user of ['alice', 'bob', 'carol']) lacks(user);
      made(author, { epochNumber: 2, leavesOut: author === 'zoe' });
      expect(wants('mallory')).toBeNull();
    }
  });

  test('is not one whose key half of the others lack, or that they have been given', () => {
    made('alice', { epochNumber: 2 });
    // As if zoe said so of each key; the author counts for nothing, and an earlier key not any more.
    for (const user of ['zoe', 'zoe', 'alice', 'bob']) lacks(user, 2);
    for (const user of ['carol', 'dave']) lacks(user);
    expect(wants('alice')).toBeNull();
    lacks('carol', 2);
    turns.noteKey('den', { number: 2, user: 'bob', has: true });
    expect(wants('alice')).toBeNull();
    lacks('bob', 2);
    expect(wants('alice')).toBe(refused);
  });

  test('is nothing that the author of a later one has to answer for', () => {
    made('mallory');
    for (const user of ['alice', 'bob', 'carol']) lacks(user);
    made('alice', { epochNumber: 2 });
    expect(wants('alice')).toBeNull();
    turns.noteKey('attic', { number: 1, user: 'bob', has: false });
    expect(wants('alice', 'attic')).toBeNull();
  });
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
