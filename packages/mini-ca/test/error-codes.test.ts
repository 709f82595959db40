/** The table of error codes in the README is the list in the source. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, '..', path), 'utf8');
}

test('every error code is in the README, and no other', () => {
  const codes = Array.from(read('src/errors.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm), (match) => match[1]);
  const table = /## Error codes\n([\s\S]*?)(?:\n## |$)/.exec(read('README.md'))?.[1] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const told = rows.flatMap((line) =>
    Array.from((line.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g), (match) => match[1]),
  );
  expect(told.sort()).toEqual(codes.sort());
});
