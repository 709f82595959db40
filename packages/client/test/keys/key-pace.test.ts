import { expect, test } from 'vitest';
import { KeyPace } from '../../src/keys/key-pace.ts';

const waits = (pace: KeyPace, count: number, now: number) => Array.from({ length: count }, () => pace.next(now));

test('twenty keys are made at once, and then five a second', () => {
  const pace = new KeyPace();
  expect(waits(pace, 23, 1_000).slice(18)).toEqual([0, 0, 200, 400, 600]);
  expect(pace.next(1_000 + 800)).toBe(0);
  // A pause saves up for twenty keys, and no more.
  expect(waits(pace, 21, 1_000_000).slice(19)).toEqual([0, 200]);
});

test('no key waits for longer than a minute, also when the clock was set back', () => {
  const pace = new KeyPace();
  pace.next(1_000_000);
  expect(pace.next(0)).toBeLessThanOrEqual(60_000);
  expect(waits(pace, 1_000, 0).at(-1)).toBeLessThanOrEqual(60_000);
});
