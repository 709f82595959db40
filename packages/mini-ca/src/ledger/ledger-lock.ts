/** One writer at a time: a file beside the ledger holds the process id of whoever has it open. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { CaError } from '../errors.ts';

/** The locks of this process: one with its id that is not among them is left from an earlier process of the same id. */
const held = new Set<string>();

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function isHeld(content: string): boolean {
  const pid = Number.parseInt(content, 10);
  if (pid === process.pid) return held.has(content);
  return pid > 0 && isAlive(pid);
}

/** Empty when there is no lock. */
async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** Puts a file that is already whole in the lock's place, if that is free. */
async function claim(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes the lock of a dead process away. If somebody has taken it over meanwhile, theirs is put back. */
async function remove(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * @returns what gives the lock back
 * @throws CaError `ledger-in-use`
 */
export async function lockLedger(ledger: string): Promise<() => Promise<void>> {
  const path = `${ledger}.lock`;
  const own = `${process.pid} ${randomBytes(8).toString('hex')}\n`;
  held.add(own);
  try {
    while (!(await claim(path, own))) {
      const found = await contentOf(path);
      if (isHeld(found)) {
        const holder = Number.parseInt(found, 10);
        throw new CaError(
          'ledger-in-use',
          `process ${holder} has this ledger open: one CA writes it. If there is no such CA, delete ${path}`,
        );
      }
      if (found !== '') await remove(path, found);
    }
  } catch (error) {
    held.delete(own);
    throw error;
  }
  return async () => {
    held.delete(own);
    if ((await contentOf(path)) === own) await rm(path, { force: true });
  };
}
