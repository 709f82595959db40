/** What counts as one host, and lines that strangers can cause. */
import { afterEach, expect, test, vi } from 'vitest';
import { SparseLog } from '../../src/sparse-log.ts';
import { remoteHost } from '../../src/tls/remote-host.ts';

afterEach(() => vi.useRealTimers());

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts for %s', (address, host) => {
  expect(remoteHost(address)).toBe(host);
});

test('a line is written at once, then once a second with a count, and not for nothing', () => {
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
