/** What a user with only Node and npm does first: clone the repository, and start the server with one command. */
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { onlyInFullRun, outputOf, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The machine's own programs and an empty home, without the variables of this workspace and of the package manager that runs the tests. */
function environmentWith(home: string): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|pnpm_|CHAT_|NODE_|VITEST|PATH$|HOME$)/i.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
  return { ...Object.fromEntries(foreign), PATH: path.join(delimiter), HOME: home };
}

onlyInFullRun('a fresh clone, installed from the registry')('a fresh clone', () => {
  test('starts the server with one command, stops it with one signal, and starts it again without a network', async () => {
    const folder = temporaryFolder();
    const [clone, home] = [join(folder.path, 'chat'), join(folder.path, 'home')];
    await outputOf('git', ['clone', '--quiet', root, clone]);
    await mkdir(home);
    const options = ['--data', join(folder.path, 'data'), '--enrol-port', '0', '--chat-port', '0'];
    const command = ['--yes', 'pnpm@12', '--filter', 'server', 'start', ...options];
    const start = async (env: NodeJS.ProcessEnv) => {
      const child = startChild('npx', command, { cwd: clone, env });
      await child.prints(/chat:\/\/\S+'\n/);
      expect(child.out).toMatch(/listening +enrolment on 127\.0\.0\.1:\d+, chat on 127\.0\.0\.1:\d+/);
      // As a terminal does: to npx, pnpm and the server.
      process.kill(-child.pid, 'SIGTERM');
      const { out, err } = await child.ended;
      return `${out}${err}`;
    };
    const first = await start(environmentWith(home));
    expect(first).toContain('stopped');
    expect(first).toContain("npx --yes pnpm@12 --filter cli start 'chat://");
    // A later start neither builds nor installs, and asks no registry.
    const offline = {
      ...environmentWith(home),
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
    };
    const later = await start(offline);
    expect(later).toContain('stopped');
    expect(later).not.toMatch(/Building|Lockfile|Progress/);
  });
});
