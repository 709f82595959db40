/** Each promise of the security documents names a test that exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codesIn, tablesOf } from './support/markdown-table.ts';

const root = join(import.meta.dirname, '..');
const documents = ['SECURITY.md', 'docs/threat-model.md'];

/** Returns the names of the tests in a file: the first argument of each `test(…)`, `longTest(…)`, `test.each(…)(…)` and `test.runIf(…)(…)`. */
function testsOf(path: string): string[] {
  const source = readFileSync(join(root, path), 'utf8');
  const calls = source.matchAll(
    /\b(?:test|longTest|it)(?:\.(?:runIf|skipIf)\([^;]*?\))?(?:\.each(?:<[^;]*?>)?\([^;]*?\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g,
  );
  return [...calls].map(([, , name]) => name ?? '');
}

describe.each(documents)('%s', (document) => {
  const tables = tablesOf(readFileSync(join(root, document), 'utf8'));
  const promises = tables.filter(({ columns }) => columns[0] === 'Promise').flatMap(({ rows }) => rows);

  test('has promises', () => expect(promises.length).toBeGreaterThan(8));

  test.each(promises)('%s', (_, holder) => {
    const [path = '', name] = codesIn(holder);
    expect(existsSync(join(root, path)), path).toBe(true);
    expect(testsOf(path)).toContain(name);
  });
});
