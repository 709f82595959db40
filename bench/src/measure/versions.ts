/** The version of a package that a library is measured against. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** From the package as it is installed for the bench: not every package lets its `package.json` be imported. */
export function versionOf(name: string): string {
  const path = join(import.meta.dirname, '../node_modules', name, 'package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}
