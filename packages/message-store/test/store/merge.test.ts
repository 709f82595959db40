/** Messages of one room that were read under two names, and pages of which nothing is kept. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flushed, message, messages, seqsOf, storeWith } from '../support/store.ts';

const positions = fc.uniqueArray(fc.integer({ min: 1, max: 40 })).map((seqs) => seqs.sort((a, b) => a - b));

test('a merge leaves each position of both names once, and nothing of the other name', async () => {
  await fc.assert(
    fc.asyncProperty(positions, positions, fc.boolean(), async (first, again, isFlushed) => {
      const store = storeWith();
      store.add(
        'red',
        first.map((seq) => message(seq, `text ${seq}`)),
      );
      if (isFlushed) await flushed(store);
      store.add(
        'red',
        again.map((seq) => message(seq, `text ${seq}`)),
        'red again',
      );
      await store.merge('red again', 'red');
      const all = [...new Set([...first, ...again])].sort((a, b) => a - b);
      expect(seqsOf(await store.page('red', { limit: 1000 }))).toEqual(all);
      expect(await store.page('red again')).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('a merge of thousands of messages takes each once', async () => {
  const store = storeWith();
  store.add('red', messages(1, 1500));
  store.add('red', messages(1200, 3200), 'red again');
  await store.merge('red again', 'red');
  for (const after of [0, 1000, 2000, 3000]) {
    const page = await store.page('red', { after, limit: 1000 });
    expect(seqsOf(page)).toEqual(seqsOf(messages(after + 1, Math.min(after + 1000, 3200))));
  }
});

test('keeps nothing under another name of a room of which nothing is to be kept', async () => {
  const store = storeWith();
  store.setRetention('nothing', 'red');
  store.add('red', messages(1, 3), 'red again');
  expect(JSON.stringify(store.stored)).not.toContain('message 1');
});

test('returns the page behind messages that are too old to be kept', async () => {
  const dayMs = 24 * 60 * 60 * 1000;
  let now = 1_000_000;
  const store = storeWith({ now: () => now });
  store.add('red', messages(1, 20));
  now += 2 * dayMs;
  store.add('red', messages(21, 25));
  store.setRetention({ days: 1 });
  expect(seqsOf(await store.page('red', { after: 0, limit: 10 }))).toEqual([21, 22, 23, 24, 25]);
  expect(await store.page('red', { before: 21 })).toEqual([]);
});

test('erases what is due before it is closed, also what is erased while a run goes on, and merges nothing more', async () => {
  const store = storeWith();
  store.add('red', messages(1, 5));
  store.add('blue', messages(1, 5));
  await flushed(store);
  const running = store.tend();
  store.erase('red');
  expect(store.isErasureDue).toBe(true);
  await store.finish(new Promise(() => undefined));
  await running;
  expect(store.isErasureDue).toBe(false);
  expect(store.stored.segments.map(({ count }) => count)).toEqual([5]);
  await store.close();
});

test('ends an erasure for which there is no patience', async () => {
  const store = storeWith({ turn: () => new Promise(() => undefined) });
  store.add('red', messages(1, 5));
  await store.finish(Promise.resolve());
  expect(store.stored.tail).toHaveLength(5);
});
