/** Log lines that any host can cause. */
import { afterEach, expect, test, vi } from 'vitest';
import { SparseLog } from '../src/sparse-log.ts';

afterEach(() => vi.useRealTimers());

test('writes the first line at once, then one line a second with a count, and none without an occurrence', () => {
  vi.useFakeTimers();
  const lines: object[] = [];
  const log = new SparseLog((fields) => lines.push(fields));
  for (let n = 1; n <= 1_000; n++) log.note({ n });
  expect(lines).toEqual([{ n: 1, times: 1 }]);
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(1)).toEqual([{ n: 1_000, times: 999 }]);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(2);
  log.note({ n: 0 });
  expect(lines.slice(2)).toEqual([{ n: 0, times: 1 }]);
});
