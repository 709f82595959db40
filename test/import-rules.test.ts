import { readdirSync } from 'node:fs';
import { cruise } from 'dependency-cruiser';
import { describe, expect, test } from 'vitest';
import { mayImport, rules } from '../tooling/import-rules.ts';

const folders = ['packages', 'apps', 'examples'].flatMap((parent) =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${parent}/${name}`),
);

describe('import rules', () => {
  test('name every package and app', () => {
    expect(Object.keys(mayImport).sort()).toEqual(folders.sort());
  });

  test('hold, and there is no import cycle', async () => {
    const { output } = await cruise(
      folders.map((folder) => `${folder}/src`),
      rules,
    );
    if (typeof output === 'string') throw new Error('expected the result, not a report');
    const { violations, totalCruised } = output.summary;
    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    expect(totalCruised).toBeGreaterThan(100);
  });
});
