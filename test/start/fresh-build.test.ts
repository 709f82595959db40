/** Whether a build is that of the sources: what makes the stamp of a build void. */
import { appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isFresh, sourcesOf, writeStamp } from '../../tooling/fresh-build.js';

const files = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'turbo.json',
  'tooling/tsup.ts',
  'apps/cli/package.json',
  'apps/cli/tsconfig.json',
  'apps/cli/tsup.config.ts',
  'apps/cli/src/main.ts',
  'apps/cli/src/deep/er/module.ts',
  'packages/room/package.json',
  'packages/room/src/index.ts',
];
const built = ['apps/cli/dist/main.js', 'apps/cli/dist/chunk.js'];

/** A workspace whose program has just been built. */
function builtWorkspace() {
  const root = temporaryFolder().path;
  const write = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  };
  for (const path of files) write(path);
  const program = { root, folder: 'apps/cli', node: 'v24.0.0' };
  const sources = sourcesOf(program);
  for (const path of built) write(path);
  writeStamp(program, sources);
  return { root, program, sources };
}

test('a build is fresh after it has succeeded, and stays so', () => {
  const { program } = builtWorkspace();
  expect([isFresh(program), isFresh(program)]).toEqual([true, true]);
});

test('there is no fresh build before the first one', () => {
  const { root, program } = builtWorkspace();
  rmSync(join(root, 'node_modules'), { recursive: true });
  expect(isFresh(program)).toBe(false);
});

test.each([...files, ...built])('a change of %s makes it stale', (path) => {
  const { root, program } = builtWorkspace();
  appendFileSync(join(root, path), '!');
  expect(isFresh(program)).toBe(false);
});

test.each([...files, ...built])('%s may not be missing', (path) => {
  const { root, program } = builtWorkspace();
  rmSync(join(root, path));
  expect(isFresh(program)).toBe(false);
});

/** A time that a file system stores as it is. */
const time = new Date('2030-01-01T00:00:00Z');

test('a change that keeps size and time of the file makes it stale', () => {
  const { root, program } = builtWorkspace();
  const path = join(root, 'packages/room/src/index.ts');
  utimesSync(path, time, time);
  writeStamp(program, sourcesOf(program));
  expect(isFresh(program)).toBe(true);
  writeFileSync(path, 'PACKAGES/room/src/index.ts');
  utimesSync(path, time, time);
  expect(isFresh(program)).toBe(false);
});

test.each(['apps/cli/src/deep/new.ts', 'packages/room/src/new.ts', 'packages/new/package.json', 'tooling/new.ts'])(
  'the new file %s makes it stale',
  (path) => {
    const { root, program } = builtWorkspace();
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
    expect(isFresh(program)).toBe(false);
  },
);

test('another Node makes it stale', () => {
  const { program } = builtWorkspace();
  expect(isFresh({ ...program, node: 'v25.0.0' })).toBe(false);
});

test('a source that changes during the build makes it stale', () => {
  const { root, program, sources } = builtWorkspace();
  appendFileSync(join(root, 'apps/cli/src/main.ts'), '!');
  writeStamp(program, sources);
  expect(isFresh(program)).toBe(false);
});

test('a build without a program is not fresh', () => {
  const { root, program, sources } = builtWorkspace();
  rmSync(join(root, 'apps/cli/dist/main.js'));
  writeStamp(program, sources);
  expect(isFresh(program)).toBe(false);
});

test('a damaged stamp counts as none', () => {
  const { root, program } = builtWorkspace();
  writeFileSync(join(root, 'node_modules/.cache/start/apps-cli.json'), '{"node":');
  expect(isFresh(program)).toBe(false);
});
