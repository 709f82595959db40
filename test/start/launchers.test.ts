/** What starts an installed program: the check of Node, and the option of the server. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';

const apps = join(import.meta.dirname, '../../apps');

/** Stands for the built program: prints the process as it is, and ends with 3. */
const built = `
console.log(JSON.stringify({ words: process.argv.slice(2), options: process.execArgv, pid: process.pid, kept: process.env.KEPT }));
process.exitCode = 3;
`;

/** Returns the path of a launcher, with a built program beside it. */
function launcherOf(app: string, name: string): string {
  const { path } = temporaryFolder();
  for (const folder of ['bin', 'dist']) mkdirSync(join(path, folder));
  writeFileSync(join(path, 'package.json'), '{"type":"module"}');
  writeFileSync(join(path, 'dist/main.js'), built);
  copyFileSync(join(apps, app, 'bin', `${name}.js`), join(path, 'bin', `${name}.js`));
  return join(path, 'bin', `${name}.js`);
}

describe.each([
  ['cli', 'chat'],
  ['server', 'chat-server'],
])('the launcher of apps/%s', (app, name) => {
  const launcher = () => launcherOf(app, name);

  test('passes the words and the exit code on', async () => {
    const { code, out, err } = await startChild(process.execPath, [launcher(), 'users', '--json', 'a b']).ended;
    expect({ code, err }).toEqual({ code: 3, err: '' });
    expect(JSON.parse(out)).toMatchObject({ words: ['users', '--json', 'a b'], options: [] });
  });

  test('refuses an earlier Node with one sentence, which names cause and remedy', async () => {
    const earlier = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process.versions, 'node', { value: '20.19.0' })")}`;
    const { code, out, err } = await startChild(process.execPath, ['--import', earlier, launcher()]).ended;
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      `${name} needs Node 24 or later, and this is Node 20.19.0: install a later one from https://nodejs.org, then start ${name} again.\n`,
    );
  });

  test('names the Node that the manifest of the packed program asks for', () => {
    const needed = /needed = (\d+)/.exec(readFileSync(launcher(), 'utf8'))?.[1];
    const packing = readFileSync(join(apps, '../tooling/pack-programs.ts'), 'utf8');
    expect(packing).toContain(`engines: { node: '>=${needed}' }`);
  });
});

describe('the launcher of the server', () => {
  test.each([[], ['start', '--host', 'x'], ['--host', 'x']])(
    'bounds the young generation of a server: %s',
    async (...words) => {
      if (process.platform === 'win32') return;
      const child = startChild(process.execPath, ['--no-deprecation', launcherOf('server', 'chat-server'), ...words], {
        env: { ...process.env, KEPT: 'yes' },
      });
      const { code, out, err } = await child.ended;
      expect({ code, err }).toEqual({ code: 3, err: '' });
      const options = ['--max-semi-space-size=4', '--no-deprecation'];
      expect(JSON.parse(out)).toEqual({ words, options, pid: child.pid, kept: 'yes' });
    },
  );
});
