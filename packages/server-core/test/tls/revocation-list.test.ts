/** The revocation list is renewed before it expires, also when clocks change and disks fail. */
import { createCA, readCertificate, readCrl } from '@chat/mini-ca';
import { afterEach, expect, test, vi } from 'vitest';
import { author, enrol } from '../support/enrolling.ts';
import { testServer } from '../support/test-server.ts';

afterEach(() => vi.useRealTimers());

const minute = 60_000;
const day = 24 * 60 * minute;

test('is created every day, after the clock is set back, and a minute after a failure', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const clock = { now: Date.now() };
  const lists: string[] = [];
  let full = false;
  await using at = await testServer({
    ca: createCA({ now: new Date(clock.now - 30 * day) }),
    clock: () => clock.now,
    publishRevocations: async (list) => {
      if (full) throw new Error('disk full');
      lists.push(list);
    },
  });
  const afterMinutes = async (count: number) => {
    await vi.advanceTimersByTimeAsync(count * minute);
    return lists.length;
  };
  const latest = () => readCrl(lists.at(-1) ?? '');
  expect(lists).toHaveLength(1);
  expect(latest().nextUpdate?.getTime()).toBe(latest().thisUpdate.getTime() + 7 * day);

  const bob = await enrol(at, author('bob'));
  full = true;
  await at.server.revoke('bob', 'superseded');
  // What cannot be published is enforced all the same.
  expect(await (await at.connect(bob)).ending()).toBe('certificate-refused');
  full = false;
  expect(await afterMinutes(1)).toBe(2);
  expect([...latest().revoked.keys()]).toEqual([readCertificate(bob.certificate).serial]);

  clock.now += day - minute;
  expect(await afterMinutes(3)).toBe(2);
  clock.now += minute;
  expect(await afterMinutes(1)).toBe(3);
  expect(latest().number).toBe(4n);
  clock.now -= 10 * minute;
  expect(await afterMinutes(1)).toBe(4);

  full = true;
  clock.now += day;
  expect(await afterMinutes(2)).toBe(4);
  expect(at.log.lines.filter(({ level }) => level === 'error')).not.toEqual([]);
  full = false;
  expect(await afterMinutes(1)).toBe(5);
  expect(await afterMinutes(1)).toBe(5);
});

test('neither the list nor the certificate of the server is renewed after its end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using at = await testServer();
  expect(vi.getTimerCount()).toBeGreaterThan(1);
  await at.server.close();
  expect(vi.getTimerCount()).toBe(0);
});
