/** Documents link to files, and name paths, that exist. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(join(root, path)));

/** A path from the root of the repository in code quotes; one with a pattern or a placeholder names no file. */
const namedPath = /`((?:apps|bench|docs|examples|packages|test|tooling|vectors)\/[\w./-]+)`/g;
/** "`file.test.ts`: `title`", or "`file.test.ts` fails: `title`". */
const namedTest = /`([\w./-]+\.test\.ts)`(?: fails)?:\s+`([^`]+)`/g;
const link = /\]\((?!\w+:)([^)#\s]+)/g;

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, path = '']) => path);

  test('links to files that exist', () => {
    const folder = join(root, dirname(document));
    expect(found(link).filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });

  test('names paths that exist', () => {
    const bases = [root, join(root, dirname(document))];
    expect(found(namedPath).filter((path) => !bases.some((base) => existsSync(join(base, path))))).toEqual([]);
  });

  test('quotes titles of tests that exist', () => {
    const missing = [...text.matchAll(namedTest)].filter(([, path = '', title = '']) => {
      const source = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
      return !source.replaceAll("\\'", "'").includes(title);
    });
    expect(missing.map(([quote]) => quote)).toEqual([]);
  });
});
