/** The versions of the packages that are measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../places.ts';

/** Reads the version from the installed package, because not every package exports its `package.json`. */
export function versionOf(name: string): string {
  const path = join(places.packages, name, 'package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}
