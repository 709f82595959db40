/** The annotated example and the documentation have every setting as the table has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingTable, takesOf } from '../../src/config/setting-table.ts';
import { parseConfig } from '../../src/configuration/config-file.ts';
import { configurationOf } from '../../src/configuration/configuration.ts';
import { exampleFile, fileLine } from '../../src/configuration/example-file.ts';
import { filePath } from '../support/configured.ts';
import { documentedSettings } from '../support/documented-settings.ts';

const names = Object.keys(settingTable);

test('the example changes nothing, and without its comment signs it is valid and has every setting', () => {
  expect(parseConfig(filePath, exampleFile()).entries.size).toBe(0);
  const text = exampleFile().replace(/^# ([a-z-]+ = )/gm, '$1');
  const { entries } = parseConfig(filePath, text);
  expect([...entries.keys()].sort()).toEqual([...names].sort());
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(102);
});

test('the settings in force are printed as lines of a file that means the same', () => {
  const configuration = configurationOf({ given: new Map(), environment: {}, file: null });
  const texts = [...configuration].flatMap(([name, { text }]) => (text === null ? [] : [[name, text] as const]));
  const { entries } = parseConfig(filePath, texts.map(([name, text]) => fileLine(name, text)).join('\n'));
  expect([...entries].map(([name, { text }]) => [name, text])).toEqual(texts);
});

test('docs/configuration.md has every setting with its variable, what it takes, its default and when a change counts', () => {
  const document = readFileSync(join(import.meta.dirname, '../../../../docs/configuration.md'), 'utf8');
  for (const { heading } of documentedSettings()) expect(document, heading).toContain(`## ${heading}\n`);
  const wanted = documentedSettings().flatMap(({ rows }) => rows);
  const found = document
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  expect(found.filter(([first]) => names.includes((first ?? '').replaceAll('`', '')))).toEqual(wanted);
  expect(names.filter((name) => takesOf(name) === '')).toEqual([]);
});
