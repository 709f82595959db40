/** Which states of a server an operator has to do something about. */
import { expect, test } from 'vitest';
import { type StatusReport, warningsOf } from '../../src/status/status-report.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const now = 1_000 * dayMs;
const serving: NonNullable<StatusReport['serving']> = {
  ...{ version: '1', startedAt: now, connections: 3, waiting: 0, damaged: 0, certificateEndsAt: now + dayMs },
  ...{ loopDelay: { p99Ms: 1, maxMs: 9 }, backsUp: true },
};
const well: StatusReport = {
  serving,
  stored: { rooms: 1, messages: 2, bytes: 3 },
  today: { messages: 1, bytes: 1 },
  disk: { freeBytes: 1_000, reserveBytes: 100, fileBytes: 50, growthBytesPerDay: 10 },
  authority: { since: now - dayMs, endsAt: now + 900 * dayMs, nextFrom: null, endsSoon: null },
  backup: { last: { at: now - dayMs, file: 'b', bytes: 1, encrypted: true }, failure: null },
};
const { last } = well.backup;

test('a server that is well gives no warning', () => {
  expect(warningsOf(well, now)).toEqual([]);
  expect(warningsOf({ ...well, disk: { ...well.disk, growthBytesPerDay: null } }, now)).toEqual([]);
  // A new server has no backup yet, and one that does not make any by itself is given a month.
  expect(warningsOf({ ...well, backup: { last: null, failure: null } }, now)).toEqual([]);
  expect(warningsOf({ ...well, serving: { ...serving, backsUp: false } }, now + 20 * dayMs)).toEqual([]);
});

test.each<[string, Partial<StatusReport>, RegExp]>([
  ['a server that does not run', { serving: null }, /start it/],
  ['a full disk', { disk: { ...well.disk, freeBytes: 99 } }, /free some space/],
  ['a disk that is full soon', { disk: { ...well.disk, growthBytesPerDay: 100 } }, /in about 9 days/],
  ['a CA that ends soon', { authority: { ...well.authority, endsSoon: 'Renew it.' } }, /Renew it/],
  ['a failed backup', { backup: { last, failure: { at: now, reason: 'no space' } } }, /failed: no space/],
  [
    'an old backup',
    { backup: { last: last && { ...last, at: now - 2 * dayMs - 1 }, failure: null } },
    /no backup of the last 2 days/,
  ],
  ['damaged rows', { serving: { ...serving, damaged: 1 } }, /chat-server check/],
  ['a slow loop', { serving: { ...serving, loopDelay: { p99Ms: 1_001, maxMs: 1_001 } } }, /slow/],
])('%s gives one warning, with what to do', (_name, change, pattern) => {
  const warnings = warningsOf({ ...well, ...change }, now);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.text).toMatch(pattern);
});
