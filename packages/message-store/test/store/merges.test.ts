/** Merges: which segments become one, how often a message is written for it, and that other work goes on meanwhile. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortedInTurns } from '../../src/segment/in-turns.ts';
import type { SegmentName } from '../../src/segment/segment-reader.ts';
import { makeSegment } from '../../src/segment/segment-writer.ts';
import { segmentsToMerge } from '../../src/store/levels.ts';
import { flushed, messages, storeWith } from '../support/store.ts';

/** A segment, and how often the messages were written that were written most often. */
interface Written extends SegmentName {
  readonly writes: number;
}

let made = 0;
function segment(count: number, bytes: number, writes = 1): Written {
  made += 1;
  return {
    ...{ file: String(made), key: '', count, bytes, writes },
    ...{ blocks: 1, directory: 1, latest: 0, streams: [1], oldest: 0 },
  };
}

const megabyte = 1024 * 1024;
const limits = { count: 65_536, bytes: 32 * megabyte };

/** Merges until nothing is left to merge. */
function merged(segments: readonly Written[]): readonly Written[] {
  let names = [...segments];
  for (let next = segmentsToMerge(names); next !== null; next = segmentsToMerge(names)) {
    const old = next as readonly Written[];
    expect(old.length).toBeGreaterThan(1);
    const sum = (of: (each: Written) => number) => old.reduce((total, each) => total + of(each), 0);
    const one = segment(
      sum(({ count }) => count),
      sum(({ bytes }) => bytes),
      Math.max(...old.map(({ writes }) => writes)) + 1,
    );
    expect(one.count <= limits.count && one.bytes <= limits.bytes).toBe(true);
    const place = names.indexOf(old[0] as Written);
    names = [...names.slice(0, place), one, ...names.slice(place)].filter((name) => !old.includes(name));
  }
  return names;
}

test('merges on behind segments that are too large for each other', () => {
  const large = [17, 17, 15, 15].map((size) => segment(100, size * megabyte));
  const others = Array.from({ length: 40 }, () => segment(100, 3 * megabyte));
  expect(merged([...large, ...others]).length).toBeLessThan(12);
});

/** What a client writes: so many messages, or bytes, that it is due; and after a time without the disk much more. */
const sizes = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(fc.integer({ min: 64, max: 128 }), fc.integer({ min: 4_000, max: 64_000 })) },
  { weight: 10, arbitrary: fc.tuple(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 32 * 1024, max: 400_000 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 64, max: 8192 }), fc.integer({ min: 4_000, max: 20 * megabyte })),
  },
);

test('writes a message four times at most, and leaves few segments that are not full, whatever their sizes are', () => {
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 900, size: 'max' }), (flushes) => {
      let names: readonly Written[] = [];
      for (const [count, bytes] of flushes) names = merged([...names, segment(count, bytes)]);
      expect(Math.max(...names.map(({ writes }) => writes))).toBeLessThanOrEqual(4);
      const small = names.filter(({ count, bytes }) => count < limits.count / 2 && bytes < limits.bytes / 2);
      const full = small.filter(({ count, bytes }) => count / 64 + bytes / (32 * 1024) >= 512);
      expect(small.length - full.length).toBeLessThanOrEqual(21);
    }),
    { numRuns: 15 },
  );
});

test('orders as a sort does, in turns', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 20_000 }), fc.nat(1000), async (length, factor) => {
      const items = Array.from({ length }, (_, index) => ({ key: (index * (factor * 2 + 1)) % 977, index }));
      const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
      let compared = 0;
      let most = 0;
      const sorted = await sortedInTurns(
        items,
        (a, b) => {
          compared += 1;
          most = Math.max(most, compared);
          return byKey(a, b);
        },
        async () => {
          compared = 0;
        },
      );
      expect(sorted).toEqual([...items].sort(byKey));
      // A piece of 4,096 needs twelve comparisons for each of its items.
      expect(most).toBeLessThan(4096 * 14);
    }),
    { numRuns: 8 },
  );
});

test('encodes and indexes a few messages at a time, and other work goes on in between', async () => {
  let looks = 0;
  let most = 0;
  const watched = messages(1, 10_000, (seq) => `message ${seq} of many`).map(({ text, at, ...rest }) => ({
    ...rest,
    ...{ stream: 1, readAt: 0 },
    get text() {
      looks += 1;
      most = Math.max(most, looks);
      return text;
    },
    get at() {
      looks += 1;
      most = Math.max(most, looks);
      return at;
    },
  }));
  await makeSegment(watched, async () => {
    looks = 0;
  });
  // Times are encoded by 4,096, which need two looks each.
  expect(most).toBeLessThan(10_000);
});

test('reads as before from segments of all sizes', async () => {
  const store = storeWith();
  let last = 0;
  for (let round = 0; round < 80; round += 1) {
    const count = 64 + (round % 7) * 13;
    store.add('red', messages(last + 1, last + count));
    last += count;
    await flushed(store);
    await store.tend();
  }
  expect(store.stored.segments.length).toBeLessThan(22);
  const seqs: number[] = [];
  for (let after = 0; ; after = seqs.at(-1) ?? 0) {
    const page = await store.page('red', { after, limit: 1000 });
    if (page.length === 0) break;
    seqs.push(...page.map(({ seq }) => seq));
  }
  expect(seqs).toEqual(Array.from({ length: last }, (_, index) => index + 1));
});
