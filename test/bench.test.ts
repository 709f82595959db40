/** The benchmarks find their peers, packages and pages. Their figures are not tested. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { versionOf } from '../bench/src/measure/versions.ts';
import { places } from '../bench/src/places.ts';

test('the folders of the benchmarks exist', () => {
  for (const [name, folder] of Object.entries(places)) expect(existsSync(folder), name).toBe(true);
});

test('the versions of the peers are read from their packages', () => {
  expect(versionOf('fernet')).toMatch(/^\d+\.\d+\.\d+$/);
});
