/** A run of the test runner over `support/abandoned.ts`, which leaves a child and a folder, and how these end with it. */
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';

const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
const config = join(import.meta.dirname, 'support', 'vitest.config.ts');

/** Resolves when `path`, directly in `folder`, is gone. */
async function removed(folder: string, path: string): Promise<void> {
  const changes = watch(folder);
  while (existsSync(path)) await once(changes, 'change');
  changes.close();
}

/** What the abandoned child reports of itself when it has connected. */
interface Report {
  /** The process id of the test file's process. */
  readonly worker: number;
  /** The folder of all temporary folders of that process. */
  readonly folder: string;
}

/** Starts the run; resolves when its child is there. */
async function abandonedRun(name: string) {
  const folder = temporaryFolder().path;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = { ...process.env, TMPDIR: folder, TEST_PORT: `${port}` };
  const runner = startChild(
    process.execPath,
    [vitest, 'run', '--config', config, '--configLoader', 'runner', '-t', name],
    { env },
  );
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const [socket] = await Promise.race([
    connected,
    runner.ended.then(({ out, err }) => Promise.reject(new Error(`no child was started:\n${out}${err}`))),
  ]);
  server.close();
  const [report] = (await once(socket, 'data')) as [Buffer];
  return { runner, temporary: folder, ended: once(socket, 'close'), ...(JSON.parse(String(report)) as Report) };
}

test.skipIf(process.platform === 'win32').each(['worker', 'runner'] as const)(
  'a child and a folder end with the %s that is killed',
  async (victim) => {
    const run = await abandonedRun('waits for ever');
    expect(existsSync(run.folder)).toBe(true);
    process.kill(victim === 'worker' ? run.worker : run.runner.pid, 'SIGKILL');
    await run.ended;
    await removed(run.temporary, run.folder);
  },
);

test('a child ends with a test that times out', async () => {
  const run = await abandonedRun('times out');
  await run.ended;
  expect((await run.runner.ended).code).toBe(1);
});
