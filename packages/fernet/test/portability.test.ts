/** Only the native backend uses Node: its modules, Buffer or process. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const src = new URL('../src/', import.meta.url);

test('only the native backend uses Node', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const tied = files.filter((name) => /'node:|\bBuffer\.|\bprocess\./.test(readFileSync(new URL(name, src), 'utf8')));
  expect(files.length).toBeGreaterThan(10);
  expect(tied).toContain('backend/native.ts');
  expect(tied.filter((name) => !/^backend.native(.ts|.[\w-]+.ts)$/.test(name))).toEqual([]);
});
