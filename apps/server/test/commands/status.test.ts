/** How a server is, asked at its socket and without it, and the backups that it makes by itself. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { longTest } from '@chat/testkit';
import { expect, test } from 'vitest';
import { fillStore } from '../support/filled-store.ts';
import { run, startIn, temporaryDirectory } from '../support/server-process.ts';

test('status reports a server that is well, and one that does not run, each with its exit code', async () => {
  const folder = temporaryDirectory();
  const [data, backups] = [join(folder, 'data'), join(folder, 'backups')];
  expect(await run(['status', '--data', data])).toMatchObject({ code: 1, err: expect.stringContaining('No server') });
  await (await startIn(data)).kill('SIGTERM');
  await fillStore(data, 2);
  const server = await startIn(data, ['--backup-dir', backups]);
  const report = async () => {
    const { code, out, err } = await run(['status', '--json', '--data', data]);
    return { code, err, ...JSON.parse(out) };
  };
  await expect.poll(async () => (await report()).backup.last, { timeout: 200_000 }).not.toBeNull();
  const running = await report();
  expect(running).toMatchObject({
    ...{ code: 0, err: '', well: true, running: true, warnings: [] },
    serving: { connections: 0, waiting: 0, damaged: 0, backsUp: true, version: expect.stringMatching(/^\d/) },
    stored: { rooms: 1, messages: 2 },
    disk: { growthBytesPerDay: null },
    authority: { nextFrom: null },
    backup: { failure: null, last: { encrypted: false, file: expect.stringContaining(backups) } },
  });
  expect(Date.parse(running.serving.certificateEndsAt)).toBeGreaterThan(Date.now());
  const text = await run(['status', '--data', data]);
  expect(text).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/1 rooms, 2 messages.*All is well/s) });
  const [made = ''] = await readdir(backups);
  expect(made).toMatch(/^chat-server-\d{4}-\d\d-\d\d\.backup$/);
  await server.kill('SIGTERM');

  expect(await report()).toMatchObject({
    ...{ code: 3, running: false, serving: null, warnings: ['No server runs: start it.'] },
    stored: { rooms: 1, messages: 2 },
  });
  const restored = join(folder, 'restored');
  expect(await run(['restore', join(backups, made), '--data', restored])).toMatchObject({ code: 0, err: '' });
});

longTest('a server does not start with backups that it could never make', async () => {
  const folder = temporaryDirectory();
  const data = join(folder, 'data');
  const missing = ['--backup-dir', join(folder, 'b'), '--backup-password-file', join(folder, 'none')];
  const ports = ['--enrol-port', '0', '--chat-port', '0'];
  expect(await run(['--data', data, ...ports, ...missing])).toMatchObject({
    code: 1,
    err: expect.stringContaining('none'),
  });
  expect((await run(['--data', data, ...ports, '--backups', '0'])).code).toBe(2);
});
