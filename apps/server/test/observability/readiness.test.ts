/** What makes a server not ready. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  checkReadiness,
  isReady,
  notServing,
  type ReadinessParts,
  SlowChecks,
} from '../../src/observability/readiness.ts';
import { temporaryDirectory } from '../support/server-process.ts';

afterEach(() => vi.useRealTimers());

const now = 1_000_000;
const parts = (): ReadinessParts => ({
  server: { listening: true, certificateEndsAt: now + 1 },
  path: temporaryDirectory(),
  authorityEndsAt: async () => now + 1,
  freeBytes: async () => 100,
  reserveBytes: 100,
  sinceAppendFailure: () => Number.POSITIVE_INFINITY,
  isStopping: () => false,
  clock: () => now,
});

test('a server that can do its work is ready, and the probe leaves no file', async () => {
  const well = parts();
  const readiness = await checkReadiness(well);
  expect(readiness).toEqual({ server: 'ok', listeners: 'ok', certificate: 'ok', store: 'ok' });
  expect(isReady(readiness)).toBe(true);
  expect(readdirSync(well.path)).toEqual([]);
});

test.each<[string, Partial<ReadinessParts>, Partial<Awaited<ReturnType<typeof checkReadiness>>>]>([
  ['that stops', { isStopping: () => true }, { server: 'stopping' }],
  ['whose ports are closed', { server: { listening: false, certificateEndsAt: now + 1 } }, { listeners: 'closed' }],
  [
    'whose certificate has expired',
    { server: { listening: true, certificateEndsAt: now } },
    { certificate: expect.stringContaining('server') },
  ],
  ['whose CA has expired', { authorityEndsAt: async () => now }, { certificate: expect.stringContaining('CA') }],
  [
    'whose CA cannot be read',
    { authorityEndsAt: () => Promise.reject(Object.assign(new Error('/a/path'), { code: 'EACCES' })) },
    { certificate: 'failed (EACCES)' },
  ],
  ['whose disk is full', { freeBytes: async () => 99 }, { store: expect.stringContaining('full') }],
  [
    'whose store fails',
    { freeBytes: () => Promise.reject(Object.assign(new Error('/a/path'), { code: 'EIO' })) },
    { store: 'failed (EIO)' },
  ],
  [
    'whose store failed a moment ago',
    { sinceAppendFailure: () => 59_999 },
    { store: expect.stringContaining('append') },
  ],
  ['whose directory takes no file', { path: join('/proc', 'none') }, { store: expect.stringContaining('failed (E') }],
])('a server %s is not ready', async (_name, change, shown) => {
  const readiness = await checkReadiness({ ...parts(), ...change });
  expect(readiness).toMatchObject(shown);
  expect(isReady(readiness)).toBe(false);
});

test('a disk that never answers is asked once, however often the answer is wanted', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const checks = new SlowChecks();
  const freeBytes = vi.fn(() => new Promise<number>(() => {}));
  const authorityEndsAt = vi.fn(() => new Promise<number>(() => {}));
  for (let each = 0; each < 3; each++) {
    const asked = checkReadiness({ ...parts(), freeBytes, authorityEndsAt }, checks);
    await vi.advanceTimersByTimeAsync(2_000);
    const late = expect.stringContaining('no answer');
    expect(await asked).toEqual({ server: 'ok', listeners: 'ok', certificate: late, store: late });
  }
  expect(freeBytes).toHaveBeenCalledOnce();
  expect(authorityEndsAt).toHaveBeenCalledOnce();
});

test('a check that has ended is made anew', async () => {
  const checks = new SlowChecks();
  const well = parts();
  expect(isReady(await checkReadiness({ ...well, freeBytes: async () => 99 }, checks))).toBe(false);
  expect(isReady(await checkReadiness(well, checks))).toBe(true);
});

test('a server is not ready before it serves', () => {
  expect(isReady(notServing('starting'))).toBe(false);
});
