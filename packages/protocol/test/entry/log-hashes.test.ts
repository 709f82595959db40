import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogHashes, limits, toHex } from '../../src/index.ts';

const kept = limits.messageViewEntries + 1;
const stored = limits.viewEntries + 1;
const nth = (number: number): string => String(number).padStart(64, '0');
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);

const all = (hashes: LogHashes) =>
  Array.from({ length: hashes.length }, (_, behind) => hashes.before(behind)).reverse();

test('are those of the latest positions, however many follow', () => {
  let hashes = LogHashes.none;
  for (let count = 1; count <= 3 * kept; count++) {
    hashes = hashes.push(nth(count));
    const oldest = Math.min(count, kept) - 1;
    expect([hashes.length, hashes.before(0), hashes.before(oldest), hashes.before(oldest + 1)]).toEqual([
      oldest + 1,
      nth(count),
      nth(count - oldest),
      undefined,
    ]);
  }
  expect(all(hashes)).toEqual(Array.from({ length: kept }, (_, index) => nth(2 * kept + index + 1)));
});

test('do not change when others follow from them, in whatever order', () => {
  const steps = fc.array(fc.record({ from: fc.nat(), hash }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 40 }), steps, (first, following) => {
      const made = [{ hashes: LogHashes.of(first), expected: first }];
      for (const { from, hash: next } of following) {
        const base = made[from % made.length] ?? made[0];
        if (base !== undefined) made.push({ hashes: base.hashes.push(next), expected: [...base.expected, next] });
      }
      for (const { hashes, expected } of made) expect(all(hashes)).toEqual(expected);
    }),
  );
});

test('of many states share their memory', () => {
  const before = process.memoryUsage().arrayBuffers;
  const states: LogHashes[] = [LogHashes.none];
  for (let count = 0; count < 20_000; count++) states.push((states.at(-1) ?? LogHashes.none).push(nth(count)));
  // A buffer has 160 KiB, and space for 1,024 states.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 20 * 160 * 1024);
  expect(all(states[10_000] ?? LogHashes.none).at(-1)).toBe(nth(9_999));
});

test('are stored as one text of the latest 513, and read from it and from the array of before', () => {
  const many = Array.from({ length: kept }, (_, index) => nth(index + 1));
  for (const hashes of [[], many.slice(0, 3), many.slice(0, stored), many]) {
    const json = JSON.stringify({ hashes: LogHashes.of(hashes) });
    expect(json.length).toBeLessThan(43 * stored + 20);
    const latest = hashes.slice(-stored);
    expect(all(LogHashes.parse(JSON.parse(json).hashes))).toEqual(latest);
    expect(all(LogHashes.parse(latest))).toEqual(latest);
  }
  for (const damaged of ['A', 'AAAA', '!', undefined, ['zz'], 7]) expect(() => LogHashes.parse(damaged)).toThrow(Error);
});

test('have a place for one that is lost', () => {
  const hashes = LogHashes.of([nth(1), null, nth(3)]);
  expect(all(hashes)).toEqual([nth(1), null, nth(3)]);
  expect(hashes.before(3)).toBeUndefined();
});
