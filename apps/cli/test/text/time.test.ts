/** Times on the screen. */
import { describe, expect, test } from 'vitest';
import { duration, timeOfDay } from '../../src/text/time.ts';

describe('times', () => {
  test('have the date when it is another day', () => {
    const now = new Date(2030, 4, 6, 14, 3).getTime();
    expect(timeOfDay(now, now)).toBe('14:03');
    expect(timeOfDay(new Date(2030, 4, 5, 9, 5).getTime(), now)).toBe('2030-05-05 09:05');
  });

  test('of waiting are never zero', () => {
    expect([duration(10), duration(4_200), duration(300_000)]).toEqual(['1 s', '4 s', '5 min']);
  });
});
