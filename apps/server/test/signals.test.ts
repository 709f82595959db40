/** What signals do to a running server, and how a server starts with few open files allowed. */
import { join } from 'node:path';
import { runChild } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { connectionsWithin } from '../src/config/open-files.ts';
import { run, startIn, temporaryDirectory } from './support/server-process.ts';

describe.skipIf(process.platform === 'win32')('a running server', () => {
  test.each(['SIGHUP', 'SIGQUIT'] as const)('stops in good order on %s', async (signal) => {
    const server = await startIn(temporaryDirectory());
    expect(await server.kill(signal)).toMatchObject({ code: 0, signal: null });
    expect(server.err).toContain('"msg":"stopped"');
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
  expect(connectionsWithin(548)).toBe(100);
  expect(connectionsWithin(1_024)).toBe(576);
  expect(connectionsWithin(Number.POSITIVE_INFINITY)).toBe(10_000);
});
