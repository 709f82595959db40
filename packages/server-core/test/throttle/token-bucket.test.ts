/** Token buckets. */
import { describe, expect, test } from 'vitest';
import { TokenBucket, TokenBuckets } from '../../src/throttle/token-bucket.ts';

describe('a token bucket', () => {
  test('fills with time up to its size, after its debt is paid', () => {
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

  test('says how long it takes until it has so many tokens, and no time when it has them', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 0);
    expect([bucket.waitMs(20, 0), bucket.waitMs(21, 0)]).toEqual([0, 100]);
    bucket.take(25, 0);
    expect(bucket.waitMs(1, 0)).toBe(600);
    expect(bucket.waitMs(1, 599)).toBe(1);
    expect(bucket.waitMs(1, 5_000)).toBe(0);
  });
});

describe('a bucket whose size changes', () => {
  const size = { perSecond: 1, burst: 10 };
  test('keeps what was used, and gets no debt from that alone', () => {
    const bucket = new TokenBucket(size, 0);
    expect(bucket.take(8, 0)).toBe(2);
    size.burst = 20;
    expect(bucket.take(0, 0)).toBe(12);
    size.burst = 9;
    expect(bucket.take(0, 0)).toBe(1);
    size.burst = 5;
    expect(bucket.take(0, 0)).toBe(0);
    size.perSecond = 2;
    expect(bucket.take(5, 0)).toBe(-5);
    size.burst = 3;
    expect(bucket.take(0, 1_000)).toBe(-3);
  });
});

describe('the buckets of many names', () => {
  test('keep what is used up, however many other names come', () => {
    const buckets = new TokenBuckets({ perSecond: 0.001, burst: 20 });
    buckets.of('bob', 0).take(25, 0);
    // Each of these is full, so that a sweep drops it.
    for (let count = 0; count < 25_000; count++) buckets.of(`name-${count}`, 0);
    expect(buckets.balance('bob', 0)).toBe(-5);
    expect(buckets.balance('name-1', 0)).toBe(20);
  });
});
