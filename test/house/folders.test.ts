import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { codesIn, tablesOf } from '../support/markdown-table.ts';
import { read, sourceFiles } from '../support/repository.ts';

/** A package, an application or an example; a folder at the top; a folder below `src`. */
const listed = /^((packages|apps|examples)\/[^/]+|(?!packages|apps|examples)[^/]+|.+\/src\/.+)$/;
const unlisted = new Set(['.', '.changeset', '.github']);

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...parentsOf(parent)];
}

test('ARCHITECTURE.md lists every folder, and no other', () => {
  const tables = tablesOf(read('ARCHITECTURE.md')).filter(({ columns }) => columns[0] === 'Folder');
  const rows = tables.flatMap((table) => table.rows);
  const folders = new Set(sourceFiles().flatMap(parentsOf));
  const expected = [...folders].filter((folder) => listed.test(folder) && !unlisted.has(folder));
  expect(rows.map(([folder]) => codesIn(folder)[0])).toEqual(expected.sort());
  for (const [folder, holds] of rows) expect(holds, folder).toMatch(/\w/);
});
