/** `tooling/start.js` in a workspace of its own, whose build writes the program: when it builds, and what it runs. */
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { withoutSettings } from '../support/environment.ts';

const tooling = join(import.meta.dirname, '../../tooling');

/** Stands for turbo: makes a program that prints its source, its arguments and its standard input, and ends with 3. */
const build = `
import { existsSync, mkdirSync, readFileSync, writeFileSync, appendFileSync } from 'node:fs';
appendFileSync('builds', process.argv.slice(2).join(' ') + '\\n');
const source = readFileSync('apps/cli/src/main.ts', 'utf8');
if (source === 'broken') process.exit(7);
mkdirSync('apps/cli/dist', { recursive: true });
writeFileSync('apps/cli/dist/main.js', \`
for await (const chunk of process.stdin) process.stdout.write(chunk);
console.log(JSON.stringify([\${JSON.stringify(source)}, ...process.argv.slice(2)]));
if (process.argv[2] === 'where') console.log(process.cwd());
process.exitCode = 3;
\`);
`;

function workspace() {
  const root = temporaryFolder().path;
  for (const folder of ['tooling', 'packages', 'apps/cli/src']) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['start.js', 'fresh-build.js']) copyFileSync(join(tooling, file), join(root, 'tooling', file));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'tooling/turbo.ts'), build);
  const cwd = join(root, 'apps/cli');
  const start = (args: readonly string[] = [], input = '', called: NodeJS.ProcessEnv = {}) => {
    const env = { ...withoutSettings(), npm_lifecycle_event: '', ...called };
    return startChild(process.execPath, ['../../tooling/start.js', ...args], { cwd, input, env }).ended;
  };
  const builds = () => readFileSync(join(root, 'builds'), 'utf8').trim().split('\n');
  return { root, source: join(cwd, 'src/main.ts'), dist: join(cwd, 'dist'), start, builds };
}

test('a program is built at its first start, and again only when a source has changed or the build is gone', async () => {
  const { source, dist, start, builds } = workspace();
  writeFileSync(source, 'one');
  expect((await start()).out).toBe('["one"]\n');
  expect((await start()).out).toBe('["one"]\n');
  expect(builds()).toEqual(['build --filter=./apps/cli']);
  appendFileSync(source, ', two');
  expect((await start()).out).toBe('["one, two"]\n');
  expect(builds()).toHaveLength(2);
  rmSync(dist, { recursive: true });
  expect((await start()).out).toBe('["one, two"]\n');
  expect(builds()).toHaveLength(3);
});

test('the program gets the words and the input, also at the start that builds, and its exit code is passed on', async () => {
  const { source, start } = workspace();
  writeFileSync(source, 'x');
  for (const _ of ['first', 'later']) {
    expect(await start(['send', '--json', 'a b'], 'input\n')).toMatchObject({
      code: 3,
      out: 'input\n["x","send","--json","a b"]\n',
    });
  }
});

test('the program runs where the user called pnpm, so that names of files are those of this folder', async () => {
  const { root, source, start } = workspace();
  writeFileSync(source, 'x');
  const folder = realpathSync(root);
  for (const script of ['start', 'test']) {
    const { out } = await start(['where'], '', { INIT_CWD: folder, npm_lifecycle_event: script });
    expect(out.split('\n')[1]).toBe(script === 'start' ? folder : join(folder, 'apps/cli'));
  }
});

test('what was built before does not run when a build fails, and the exit code is that of the build', async () => {
  const { source, start, builds } = workspace();
  writeFileSync(source, 'one');
  await start();
  writeFileSync(source, 'broken');
  expect(await start()).toMatchObject({ code: 7, out: '' });
  expect(await start()).toMatchObject({ code: 7, out: '' });
  expect(builds()).toHaveLength(3);
});

test('packages are asked whether they run on the Node of this workspace', () => {
  const settings = readFileSync(join(tooling, '../pnpm-workspace.yaml'), 'utf8');
  const [, compared, installed] = /^nodeVersion: (\S+)$.*^ {2}node: (\S+)$/ms.exec(settings) ?? [];
  expect(compared).toBe(installed);
});
