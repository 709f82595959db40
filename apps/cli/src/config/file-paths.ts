/** Paths of files as users type them. */
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** Returns the absolute path of what a user has typed; `~/` is the user's home directory. */
export const pathOf = (typed: string): string =>
  resolve(typed === '~' || typed.startsWith('~/') ? join(homedir(), typed.slice(1)) : typed);

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Returns the folder where files are saved unless the user names one: `Downloads` in the home directory, or the current folder. */
export function saveFolder(): string {
  const downloads = join(homedir(), 'Downloads');
  return isFolder(downloads) ? downloads : resolve('.');
}

/** Returns what a typed path may go on with, as it is typed. A folder ends with a slash. Names with spaces are left out. */
export function pathsFrom(typed: string): readonly string[] {
  const begun = typed === '' || typed.endsWith('/') ? '' : basename(typed);
  const folder = typed.slice(0, typed.length - begun.length);
  try {
    const entries = readdirSync(pathOf(folder === '' ? '.' : folder === '/' ? '/' : dirname(`${folder}x`)), {
      withFileTypes: true,
    });
    return entries
      .filter(
        ({ name }) => name.startsWith(begun) && !/\s/.test(name) && (begun.startsWith('.') || !name.startsWith('.')),
      )
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`);
  } catch {
    return [];
  }
}
