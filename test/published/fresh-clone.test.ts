/** What a user with only Node and npm does first: clone the repository, and start the server and the client, each with one command. */
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { onlyInFullRun, outputOf, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { freePorts } from '../support/free-ports.ts';

const root = join(import.meta.dirname, '../..');

/** The machine's own programs and an empty home, without the variables of this workspace and of the package manager that runs the tests. */
function environmentWith(home: string): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|CHAT_|NODE_|VITEST|PATH$|HOME$)/i.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
  return { ...Object.fromEntries(foreign), PATH: path.join(delimiter), HOME: home };
}

/** Starts a program of the apps as the README says. */
const startApp = (
  app: 'server' | 'cli',
  args: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
) => startChild('npx', ['--yes', 'pnpm@12', '--filter', app, 'start', ...args], { cwd, env, input: 'open' });

onlyInFullRun('a fresh clone, installed from the registry')('a fresh clone', () => {
  test('starts the server with one command and the client with another, and both again without a network', async () => {
    const folder = temporaryFolder();
    const [clone, home] = [join(folder.path, 'chat'), join(folder.path, 'home')];
    await outputOf('git', ['clone', '--quiet', root, clone]);
    await mkdir(home);
    const ports = await freePorts();
    const options = [
      '--data',
      join(folder.path, 'data'),
      '--enrol-port',
      `${ports.enrolment}`,
      '--chat-port',
      `${ports.chat}`,
    ];
    /** The server starts, then the client, which says something; both end as users end them. Returns what they printed. */
    const session = async (environment: NodeJS.ProcessEnv, ...typed: readonly string[]) => {
      const server = startApp('server', options, { cwd: clone, env: environment });
      const [, line = ''] = await server.prints(/(chat:\/\/\S+)'\n/);
      expect(server.out).toMatch(/listening +enrolment on 127\.0\.0\.1:\d+, chat on 127\.0\.0\.1:\d+/);
      const env = { ...environment, CHAT_USER: 'alice', CHAT_PASSWORD: 'long enough to be one' };
      const client = startApp('cli', [line], { cwd: clone, env });
      await client.prints(/connected/);
      for (const text of typed) client.stdin.write(`${text}\n`);
      await client.prints(/alice: hello/);
      client.stdin.write('/quit\n');
      const ended = await client.ended;
      expect(ended.code).toBe(0);
      // As a terminal does: to npx, pnpm and the server.
      process.kill(-server.pid, 'SIGTERM');
      const { out, err } = await server.ended;
      return `${out}${err}${ended.out}${ended.err}`;
    };
    const first = await session(environmentWith(home), '/create lobby', 'hello');
    expect(first).toContain('stopped');
    expect(first).toContain("npx --yes pnpm@12 --filter cli start 'chat://");
    // A later start neither builds nor installs, and asks no registry.
    const offline = {
      ...environmentWith(home),
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
    };
    const later = await session(offline, '/join lobby');
    expect(later).toContain('stopped');
    expect(later).not.toMatch(/Building|Lockfile|Progress/);
  });
});
