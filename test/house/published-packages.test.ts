/**
 * Which packages are published, what their folders hold for a registry, and the notes for their changelogs.
 * `packed-libraries.test.ts` checks the tarballs.
 */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishedLibraries } from '../support/published-library.ts';
import { read, sourceFiles } from '../support/repository.ts';

const folders = readdirSync(new URL('../../packages', import.meta.url)).map((name) => `packages/${name}`);
const manifestOf = (folder: string) => JSON.parse(read(`${folder}/package.json`));
const published = folders.filter((folder) => manifestOf(folder).private !== true);

test('only the four libraries are published', () => {
  expect(published.sort()).toEqual(publishedLibraries.map((name) => `packages/${name}`).sort());
});

test.each(published)('%s has a README, a changelog and metadata', (folder) => {
  const documents = ['README.md', 'CHANGELOG.md'].map((name) => `${folder}/${name}`);
  expect(sourceFiles(folder)).toEqual(expect.arrayContaining(documents));
  const { description, keywords, author, license, files } = manifestOf(folder);
  expect({ license, author }).toEqual({ license: 'MIT', author: manifestOf(published[0] ?? '').author });
  expect([typeof author, typeof description]).toEqual(['string', 'string']);
  expect(keywords.length).toBeGreaterThan(3);
  expect(files).toEqual(expect.arrayContaining(['dist', 'CHANGELOG.md']));
});

test('each note in .changeset names published libraries, so that a release can read it', () => {
  const notes = sourceFiles('.changeset').filter((path) => path.endsWith('.md'));
  const names = publishedLibraries.join('|');
  const note = new RegExp(`^---\\n('@chat/(${names})': (patch|minor|major)\\n)+---\\n\\n\\S`);
  expect(notes.filter((path) => !note.test(read(path)))).toEqual([]);
});
