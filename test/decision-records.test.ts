/** The architecture decision records have one shape, and their index lists all of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tablesOf } from './support/markdown-table.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'adr');
const files = readdirSync(folder).filter((file) => file !== 'README.md');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const shape =
  /^# (\d+)\. ([^\n]+)\n\n- Status: ([^\n]+)\n- Date: (\d{4}-\d\d-\d\d)\n\n## Context\n.+\n## Decision\n.+\n## Consequences\n\n.+$/s;

describe('the decision records', () => {
  test.each(files)('%s has a title, status, date, context, decision and consequences', (file) => {
    expect(read(file)).toMatch(shape);
  });

  test('are listed in the index with title, status and date', () => {
    const [index] = tablesOf(read('README.md'));
    const rows = files.map((file) => {
      const [, number = '', title, status, date] = shape.exec(read(file)) ?? [];
      expect(file.startsWith(`${number.padStart(4, '0')}-`), file).toBe(true);
      return [number, `[${title}](${file})`, status, date];
    });
    expect(index?.rows).toEqual(rows);
  });
});
