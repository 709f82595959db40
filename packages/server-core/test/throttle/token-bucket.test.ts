/** Token buckets. */
import { describe, expect, test } from 'vitest';
import { TokenBucket } from '../../src/throttle/token-bucket.ts';

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
