/** The modes of stored files. */
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Gives a folder and what is in it the modes that the programs insist on: a checkout does not keep them. */
export async function makePrivate(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    await (entry.isDirectory() ? makePrivate(path) : chmod(path, 0o600));
  }
}
