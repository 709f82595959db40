/** The files of this repository, without those that are built or installed. It need not be a git checkout. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The ignored names of `.gitignore`, as patterns for the whole name of a file or folder. */
const ignored = ['.git', ...read('.gitignore').split('\n')]
  .filter((line) => line !== '')
  .map((line) => new RegExp(`^${line.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '.*')}$`));

/** Returns the text of a file, by its path relative to `root`. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Returns the paths of all files below a folder, relative to `root` and in order. */
export function sourceFiles(folder = ''): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const paths = entries
    .filter(({ name }) => !ignored.some((pattern) => pattern.test(name)))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? sourceFiles(path) : [path];
    });
  return paths.sort();
}
