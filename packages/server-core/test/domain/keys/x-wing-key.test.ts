/** Which keys have the form of one of X-Wing: the coefficients are below 3,329, two in each three bytes. */
import { expect, test } from 'vitest';
import { isXWingKey } from '../../../src/domain/keys/x-wing-key.ts';

const keyBytes = 1_216;
const coefficients = 768;

/** Returns a key of which one coefficient has a value, and all others are 0. */
function keyWith(index: number, value: number): Uint8Array {
  const key = new Uint8Array(keyBytes);
  const at = 3 * Math.floor(index / 2);
  const bits = index % 2 === 0 ? value : value << 12;
  for (const byte of [0, 1, 2]) key[at + byte] = (bits >>> (8 * byte)) & 0xff;
  return key;
}

test('each coefficient has a value up to 3,328', () => {
  const outcomes = Array.from({ length: coefficients }, (_, index) =>
    [0, 3_328, 3_329, 4_095].map((value) => isXWingKey(keyWith(index, value))).join(' '),
  );
  expect(new Set(outcomes)).toEqual(new Set(['true true false false']));
});

test('the last 64 bytes are any, and the size is one', () => {
  expect(isXWingKey(new Uint8Array(keyBytes).fill(0xff, keyBytes - 64))).toBe(true);
  expect(isXWingKey(new Uint8Array(keyBytes).fill(0xff, keyBytes - 65))).toBe(false);
  for (const size of [0, keyBytes - 1, keyBytes + 1]) expect(isXWingKey(new Uint8Array(size))).toBe(false);
});
