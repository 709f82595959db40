/** The contents of the libraries' tarballs, and the tools that check packages. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { type Folder, temporaryFolder } from '@chat/testkit';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  mappedSources,
  type PublishedLibrary,
  packLibraries,
  publishedLibraries,
  sourceFolder,
  unpack,
} from '../support/published-library.ts';

/** Documents beside the README, the changelog and the folder `docs`. */
const documents: Partial<Record<PublishedLibrary, readonly string[]>> = { fernet: ['FORMAT.md', 'MIGRATING.md'] };

let folder: Folder;
const tarballs = new Map<PublishedLibrary, string>();
beforeAll(async () => {
  folder = temporaryFolder();
  for (const library of await packLibraries(folder.path)) {
    tarballs.set(library.name, library.tarball);
    await unpack(library, join(folder.path, library.name));
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

describe.each(publishedLibraries)('@chat/%s', (name) => {
  const path = (...parts: string[]) => join(folder.path, name, ...parts);
  const read = (file: string) => readFile(path(file), 'utf8');
  const files = async () => {
    const entries = await readdir(path(), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  };

  test('holds the build and the documents, nothing else', async () => {
    const all = (await files()).map((file) => file.slice(path().length + 1)).sort();
    const build = all.filter((file) => /^dist\/[\w/-]+(\.d\.ts|\.js|\.js\.map)$/.test(file));
    expect(build).toEqual(expect.arrayContaining(['dist/index.d.ts', 'dist/index.js']));
    const read = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', ...(documents[name] ?? [])];
    const guides = all.filter((file) => /^docs\/[\w-]+\.md$/.test(file));
    expect(all).toEqual([...build, ...guides, ...read].sort());
  });

  test('has a manifest without workspace, catalog, internal condition or internal file', async () => {
    const text = await read('package.json');
    expect(text).not.toMatch(/workspace:|catalog:|@chat\/source|\/src\//);
    const { dependencies = {}, exports, imports = {} } = JSON.parse(text);
    const own = JSON.parse(await readFile(join(sourceFolder(name), 'package.json'), 'utf8'));
    expect(Object.keys(exports)).toEqual(Object.keys(own.exports));
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\^?\d+\.\d+\.\d+$/);
    const targets = JSON.stringify([Object.values(exports), imports]).match(/\.\/[^"]+/g) ?? [];
    expect(targets.length).toBeGreaterThanOrEqual(2);
    const all = await files();
    for (const target of targets) expect(all).toContain(path(target));
  });

  test('says what it is, who made it, and what its latest version holds', async () => {
    const manifest = JSON.parse(await read('package.json'));
    expect(manifest).toMatchObject({
      license: 'MIT',
      author: 'The chat contributors',
      description: expect.any(String),
    });
    expect(manifest.keywords.length).toBeGreaterThan(4);
    expect(await read('CHANGELOG.md')).toMatch(`# ${manifest.name}\n\n## ${manifest.version}\n`);
    expect(await read('LICENSE')).toBe(await readFile(join(import.meta.dirname, '../../LICENSE'), 'utf8'));
  });

  test('has source maps with their sources, and no broken link', async () => {
    const all = await files();
    for (const map of all.filter((file) => file.endsWith('.map'))) {
      for (const [source, content] of await mappedSources(map)) expect(content, source).toBeDefined();
    }
    for (const document of all.filter((file) => file.endsWith('.md'))) {
      const links = (await readFile(document, 'utf8')).matchAll(/\]\((?!https?:)([^)#]+)/g);
      for (const [, link = ''] of links) {
        expect(all, `${document}: ${link}`).toContain(join(dirname(document), link));
      }
    }
  });

  test('passes publint in strict mode', async () => {
    const data = await readFile(tarballs.get(name) ?? '');
    const tarball = Uint8Array.from(data).buffer;
    expect((await publint({ pack: { tarball }, strict: true })).messages).toEqual([]);
  });

  /**
   * ES modules only, on purpose: with a second copy in CommonJS, `instanceof InvalidToken` would fail in a program that has
   * both. Node 20.19 and later `require` them, and so does TypeScript's `nodenext` (installed-types.test.ts);
   * what is left out is `node10`, which knows no `exports`, and `require` before Node 20.19, which attw still counts.
   */
  test('passes attw, except that these are ES modules', async () => {
    const data = await readFile(tarballs.get(name) ?? '');
    const analysis = await checkPackage(createPackageFromTarballData(data));
    if (!analysis.types) throw new Error('no types');
    const entrypoints = Object.keys(JSON.parse(await read('package.json')).exports);
    const problems = entrypoints.flatMap((entrypoint) => [
      { kind: 'NoResolution', entrypoint, resolutionKind: 'node10' },
      { kind: 'CJSResolvesToESM', entrypoint, resolutionKind: 'node16-cjs' },
    ]);
    expect(analysis.problems).toEqual(problems);
  });
});
