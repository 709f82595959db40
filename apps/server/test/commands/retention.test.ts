/** `retention`, beside a running server and without one. */
import { limits } from '@chat/protocol';
import { longTest } from '@chat/testkit';
import { expect } from 'vitest';
import { fillStore } from '../support/filled-store.ts';
import { run, startIn, temporaryDirectory } from '../support/server-process.ts';

longTest('sets, prints and applies the bounds of a room, and what was deleted is no damage', async () => {
  const data = temporaryDirectory();
  const server = await startIn(data, ['--keep-days', '7', '--keep-bytes', '2G']);
  await fillStore(data, limits.keptEntries + 30);
  const retention = (...args: string[]) => run(['retention', 'den', ...args, '--data', data]);
  const shown = await retention('--json');
  expect(JSON.parse(shown.out)).toMatchObject({
    own: { ageMs: null, messages: null, bytes: null },
    defaults: { ageMs: 7 * 86_400_000, messages: null, bytes: 2 * 1_024 ** 3 },
    messages: limits.keptEntries + 30,
    deleted: 0,
  });
  // Only the number counts: the messages are of 1970.
  const set = await retention('--keep-days', 'off', '--keep-messages', String(limits.keptEntries + 20));
  expect(set).toMatchObject({ code: 0, err: '' });
  expect(set.out).toMatch(/the latest 120, the latest 2G\..*\nDeleted now: 10\./);
  expect((await run(['rooms', '--data', data])).out).toContain('the latest 120');
  expect(JSON.parse((await run(['check', '--json', '--data', data])).out)).toMatchObject({ faults: [] });
  expect((await run(['retention', 'attic', '--data', data])).err).toContain('no room attic');
  expect(await retention('--keep-messages', '99')).toMatchObject({ code: 2 });
  await server.kill('SIGTERM');

  const stopped = await retention('--keep-days', 'default', '--json');
  expect(JSON.parse(stopped.out)).toMatchObject({
    ...{ own: { ageMs: null, messages: 120, bytes: null }, defaults: null, deleted: 0 },
  });
  // The next start applies the server's own bound.
  const again = await startIn(data, ['--keep-days', '7']);
  const kept = async () => JSON.parse((await retention('--json')).out).messages;
  await expect.poll(kept, { timeout: 60_000 }).toBe(limits.keptEntries);
  await again.kill('SIGTERM');
});
