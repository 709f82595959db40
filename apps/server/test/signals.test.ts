/** What signals do to a running server, and how a server starts with few open files allowed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLimits } from '@chat/server-core';
import { runChild } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { connectionsWithin } from '../src/config/open-files.ts';
import { run, startIn, temporaryDirectory } from './support/server-process.ts';

describe.skipIf(process.platform === 'win32')('a running server', () => {
  test('stops in good order on SIGQUIT', async () => {
    const server = await startIn(temporaryDirectory());
    expect(await server.kill('SIGQUIT')).toMatchObject({ code: 0, signal: null });
    expect(server.err).toContain('"msg":"stopped"');
  });

  test('reads its configuration again on SIGHUP, and goes on when that is not valid', async () => {
    const data = temporaryDirectory();
    const file = join(temporaryDirectory(), 'config.toml');
    writeFileSync(file, 'invitation-hours = 5\n');
    const server = await startIn(data, [], { CHAT_SERVER_CONFIG: file });
    const reload = async (text: string, logged: string): Promise<void> => {
      writeFileSync(file, text);
      process.kill(server.pid, 'SIGHUP');
      await expect.poll(() => server.err, { timeout: 60_000 }).toContain(logged);
    };
    await reload('invitation-hours = 0\n', 'invitation-hours takes a whole number from 1 to 8760, not 0');
    await reload('invitation-hours = 6\n', 'invitation-hours 5 -> 6');
    const { out } = await run(['config', '--changed', '--json', '--data', data]);
    expect(out).toContain(JSON.stringify({ name: 'invitation-hours', value: '6', from: 'file', where: `${file}:1` }));
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
  });

  test('opens no debugger on SIGUSR1, and goes on after SIGUSR2', async () => {
    const data = temporaryDirectory();
    const server = await startIn(data);
    for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.kill(server.pid, signal);
    // The answer shows that the server has had time for both.
    expect((await run(['users', '--data', data])).code).toBe(0);
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
    expect(server.err).not.toMatch(/debugger/i);
  });

  test('does not start when it may open too few files, and says how many it needs', async () => {
    const main = join(import.meta.dirname, '../src/main.ts');
    const command = `ulimit -n 300; exec "$0" --conditions=@chat/source "$@"`;
    const args = ['-c', command, process.execPath, main, '--data', temporaryDirectory()];
    const { code, err } = await runChild('/bin/sh', args);
    expect(code).toBe(1);
    expect(err).toMatch(/open 300 files, and it needs 548: raise the limit/);
  });
});

test('leaves files for everything but the connections of users', () => {
  expect(connectionsWithin(548, defaultLimits)).toBe(100);
  expect(connectionsWithin(1_024, defaultLimits)).toBe(576);
  expect(connectionsWithin(Number.POSITIVE_INFINITY, defaultLimits)).toBe(10_000);
  expect(connectionsWithin(1_024, { ...defaultLimits, connections: 20 })).toBe(20);
});
