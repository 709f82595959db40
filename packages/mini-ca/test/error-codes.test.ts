/** Compares the table of error codes in the documentation with the source. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, '..', path), 'utf8');
}

test('the documentation lists every error code, and no other', () => {
  const codes = Array.from(read('src/errors.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm), (match) => match[1]);
  const document = read('docs/errors.md');
  const rows = document.split('\n').filter((line) => line.startsWith('| `'));
  const documented = rows.flatMap((line) =>
    Array.from((line.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g), (match) => match[1]),
  );
  expect(documented.sort()).toEqual(codes.sort());
});
