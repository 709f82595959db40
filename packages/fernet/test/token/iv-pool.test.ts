/** The pool of IVs returns every random byte once. */
import { expect, test } from 'vitest';
import { IvPool } from '../../src/token/iv-pool.ts';

test('returns the drawn bytes in order, without overlap or gap', () => {
  const draws: Uint8Array[] = [];
  const pool = new IvPool((length) => {
    const draw = new Uint8Array(length).map((_, i) => i * 167 + draws.length * 13 + (i >> 8));
    draws.push(draw);
    return draw.slice();
  });
  const ivs = Array.from({ length: 200 }, () => pool.next());
  expect(draws.length).toBeGreaterThan(2);
  const drawn = Buffer.concat(draws);
  ivs.forEach((iv, n) => {
    expect(Buffer.compare(iv, drawn.subarray(16 * n, 16 * n + 16))).toBe(0);
  });
});

test('returns no IV after a draw that failed', () => {
  let works = true;
  const pool = new IvPool((length) => {
    if (works) return new Uint8Array(length).fill(7);
    throw new Error('no randomness');
  });
  const first = pool.next();
  works = false;
  const rest = Array.from({ length: 63 }, () => pool.next());
  for (let i = 0; i < 3; i++) expect(() => pool.next()).toThrow('no randomness');
  expect([first, ...rest].every(({ length }) => length === 16)).toBe(true);
});
