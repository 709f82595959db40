/** Things that no source file contains. */
import { expect, test } from 'vitest';
import { read, sourceFiles } from '../support/repository.ts';

const sources = sourceFiles().filter((path) => path.endsWith('.ts') && path !== 'test/house/code.test.ts');

/** Returns the places that match, as `path:line`. */
function placesOf(pattern: RegExp, exempt: RegExp = /^$/): string[] {
  return sources
    .filter((path) => !exempt.test(path))
    .flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
}

test('no source file turns a type check off', () => {
  expect(sources.length).toBeGreaterThan(500);
  expect(placesOf(/\bas any\s*[;,.)\]}]|@ts-ignore|@ts-nocheck/)).toEqual([]);
});

test('no test is skipped without a condition or runs alone', () => {
  expect(placesOf(/\b(test|it|describe)(\.\w+)*\.(only|skip|todo)\b/, /^packages\/testkit\/src\//)).toEqual([]);
});

test('no source file has an unfinished part', () => {
  expect(placesOf(/\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

test('no source file calls a function of Node that loses memory at each connection', () => {
  expect(placesOf(/\.getPeerX509Certificate\(/, /\/test\//)).toEqual([]);
});
