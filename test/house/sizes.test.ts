/** The sizes of files and folders. */
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { read, sourceFiles } from '../support/repository.ts';

const sources = sourceFiles().filter((path) => path.endsWith('.ts'));
const linesOf = (path: string) => read(path).split('\n').length - 1;

test('no source file has more than 300 lines', () => {
  expect(sources.length).toBeGreaterThan(300);
  expect(sources.filter((path) => linesOf(path) > 300)).toEqual([]);
});

test('no folder under a src has more than 16 source files', () => {
  const folders = sources.filter((path) => path.includes('/src/')).map((path) => dirname(path));
  const crowded = [...new Set(folders)].filter((folder) => folders.filter((each) => each === folder).length > 16);
  expect(folders.length).toBeGreaterThan(300);
  expect(crowded).toEqual([]);
});
