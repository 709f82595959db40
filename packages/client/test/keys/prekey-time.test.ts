/** The time that a client signs into a prekey. */
import { createRoomCrypto } from '@chat/room';
import { describe, expect, test } from 'vitest';
import { madeAtOf } from '../../src/keys/prekey-time.ts';

const crypto = createRoomCrypto();
const day = 24 * 60 * 60_000;

describe('the signed time of a prekey', () => {
  const week = 7 * day;
  const now = 2_900 * week + 3 * day + 17;

  test('is of the week before, and says nothing of the day', () => {
    const times = Array.from({ length: 200 }, () => madeAtOf(now, 0, crypto));
    for (const time of times) {
      expect(time).toBeGreaterThanOrEqual(2_899 * week);
      expect(time).toBeLessThan(2_899 * week + 6 * day);
    }
    const daysNamed = new Set(times.map((time) => Math.floor((time % week) / day)));
    expect([...daysNamed].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('is later than that of the one before, which it follows closely in the same week', () => {
    for (const before of [2_899 * week, 2_899 * week + 6 * day, now, now + 90 * day]) {
      const time = madeAtOf(now, before, crypto);
      expect(time).toBeGreaterThan(before);
      expect(time).toBeLessThanOrEqual(before + 1_000);
    }
    expect(madeAtOf(now + week, madeAtOf(now, 0, crypto), crypto)).toBeGreaterThanOrEqual(2_900 * week);
  });
});
