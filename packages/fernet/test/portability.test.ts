/** Everything but the native backend runs outside of Node: no node: module, no Buffer, no process. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const src = new URL('../src/', import.meta.url);

test('only the native backend knows Node', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const tied = files.filter((name) => /'node:|\bBuffer\.|\bprocess\./.test(readFileSync(new URL(name, src), 'utf8')));
  expect(files.length).toBeGreaterThan(10);
  expect(tied.filter((name) => !/^backend.native(.ts|.[\w-]+.ts)$/.test(name))).toEqual([]);
});
