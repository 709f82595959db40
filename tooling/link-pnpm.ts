/**
 * Lets `npx pnpm@12` find the pnpm that it has installed before. For a range of versions npx asks the registry at each call, also
 * offline, and installs again what is there; a program with the name `pnpm@12` in `node_modules/.bin` it starts at once.
 */
import { closeSync, openSync, readlinkSync, readSync, realpathSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What the scripts of this repository and the commands of its documents call. */
const names = ['pnpm', 'pnpm@12'];

/**
 * Links the pnpm that runs this process into `node_modules/.bin`. Does nothing if that is not a program of version 12: npx then does
 * as before, as it does when the link leads nowhere.
 *
 * @param root the folder of the repository
 * @param environment the variables that pnpm sets for scripts
 */
export function linkPnpm(root: string, environment: NodeJS.ProcessEnv): void {
  const { npm_execpath: path, npm_config_user_agent: agent = '' } = environment;
  if (process.platform === 'win32' || path === undefined || !agent.startsWith('pnpm/12.')) return;
  try {
    const target = realpathSync(path);
    if (!isNative(target)) return;
    for (const name of names) replaceLink(join(root, 'node_modules', '.bin', name), target);
  } catch {
    // A start without the link works, and only takes longer.
  }
}

/** Returns false for a script, which may look for its files beside the link. ELF and Mach-O begin with a byte that is no text. */
function isNative(path: string): boolean {
  const first = new Uint8Array(1);
  const file = openSync(path, 'r');
  try {
    readSync(file, first);
  } finally {
    closeSync(file);
  }
  return (first[0] ?? 0) >= 0x7f;
}

function replaceLink(link: string, target: string): void {
  if (targetOf(link) === target) return;
  const aside = `${link}.${process.pid}`;
  symlinkSync(target, aside);
  renameSync(aside, link);
}

function targetOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}
