import { describe, expect, test } from 'vitest';
import { Presence } from '../../src/domain/presence.ts';
import { StagedWraps } from '../../src/domain/staged-wraps.ts';
import { Quota } from '../../src/throttle/quota.ts';
import { TokenBucket } from '../../src/throttle/token-bucket.ts';

describe('a token bucket', () => {
  test('fills with time up to its size, and pays its debt first', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 0);
    expect(bucket.take(25, 0)).toBe(-5);
    expect(bucket.take(0, 400)).toBe(-1);
    expect(bucket.take(0, 1_000)).toBe(5);
    expect(bucket.take(0, 60_000)).toBe(20);
  });

  test('gains nothing from a clock that is set back', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 10_000);
    expect(bucket.take(20, 10_000)).toBe(0);
    expect(bucket.take(0, 0)).toBe(0);
    expect(bucket.take(0, 1_000)).toBe(10);
  });
});

test('a quota is each user’s own, and what is refused does not count', () => {
  const quota = new Quota({ perSecond: 1, burst: 2 });
  expect([1, 2, 3, 4].map(() => quota.take('alice', 0))).toEqual([true, true, false, false]);
  expect(quota.take('bob', 0)).toBe(true);
  expect(quota.take('alice', 1_000)).toBe(true);
  expect(quota.take('alice', 1_000)).toBe(false);
});

test('who has all of a quota back is forgotten, and nobody else', () => {
  const quota = new Quota({ perSecond: 1, burst: 2 });
  expect([quota.take('alice', 0), quota.take('alice', 0)]).toEqual([true, true]);
  for (let index = 0; index < 30_000; index++) quota.take(`user ${index}`, 0);
  expect(quota.take('alice', 0)).toBe(false);
  expect(quota.take('alice', 1_000)).toBe(true);
});

test('presence counts connections and keeps the order of arrival', () => {
  const presence = new Presence();
  expect(['alice', 'bob', 'alice'].map((user) => presence.arrive(user))).toEqual([true, true, false]);
  expect(presence.online).toEqual(['alice', 'bob']);
  expect([presence.depart('alice'), presence.online]).toEqual([false, ['alice', 'bob']]);
  expect([presence.depart('alice'), presence.online]).toEqual([true, ['bob']]);
  expect(presence.depart('unknown')).toBe(false);
});

describe('staged wraps', () => {
  const wrap = (index: number) => ({ to: String(index).padStart(64, '0'), envelope: 'AAAA' });

  test('add up for one number, give way to another, and are taken once', () => {
    const staged = new StagedWraps();
    staged.put('room', 1, [wrap(1), wrap(2)]);
    staged.put('room', 1, [wrap(2), wrap(3)]);
    expect(staged.take('room', 2)).toEqual([]);
    expect(staged.take('room', 1)).toHaveLength(3);
    expect(staged.take('room', 1)).toEqual([]);
    staged.put('room', 1, [wrap(1)]);
    staged.put('room', 2, [wrap(2)]);
    expect(staged.take('room', 1)).toEqual([]);
    expect(staged.take('room', 2)).toEqual([wrap(2)]);
  });

  test('are bounded in wraps and in rooms', () => {
    const staged = new StagedWraps();
    for (let index = 0; index < 1_000; index++) staged.put('room', 1, [wrap(index)]);
    expect(() => staged.put('room', 1, [wrap(1_000)])).toThrow(expect.objectContaining({ code: 'limit-reached' }));
    for (let index = 1; index < 16; index++) staged.put(`room ${index}`, 1, [wrap(1)]);
    // what was put to the longest ago gives way
    staged.put('room', 1, [wrap(1)]);
    staged.put('one more', 1, [wrap(1)]);
    expect(staged.take('room 1', 1)).toEqual([]);
    expect(staged.take('room', 1)).toHaveLength(1_000);
    expect(staged.take('one more', 1)).toHaveLength(1);
  });
});
