/** Quotas of users. */
import { expect, test } from 'vitest';
import { Quota } from '../../src/throttle/quota.ts';

test('counts for each user, and does not count refused uses', () => {
  const quota = new Quota({ perSecond: 1, burst: 2 });
  expect([1, 2, 3, 4].map(() => quota.take('alice', 0))).toEqual([true, true, false, false]);
  expect(quota.take('bob', 0)).toBe(true);
  expect(quota.take('alice', 1_000)).toBe(true);
  expect(quota.take('alice', 1_000)).toBe(false);
});

test('drops users whose quota is full again, and no others', () => {
  const quota = new Quota({ perSecond: 1, burst: 2 });
  expect([quota.take('alice', 0), quota.take('alice', 0)]).toEqual([true, true]);
  for (let index = 0; index < 30_000; index++) quota.take(`user ${index}`, 0);
  expect(quota.take('alice', 0)).toBe(false);
  expect(quota.take('alice', 1_000)).toBe(true);
});
