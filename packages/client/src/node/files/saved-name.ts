/** Gives a complete draft a name that no other file has. */
import { link, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, syncDirectory } from '@chat/durable-files';
import { splitName } from '../../files/file-name.ts';

/** File systems without hard links refuse one with these codes. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);
/** A folder with so many files of one name is not what the user wants. */
const maxNumber = 9_999;

/** Returns the name with a number: `report (2).pdf`. The number 0 is the name itself. */
function numbered(name: string, number: number): string {
  if (number === 0) return name;
  const [stem, ending] = splitName(name);
  return `${stem} (${number})${ending}`;
}

/** Gives the draft a name, if nothing has it. Returns whether it did. */
async function take(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!noLinks.has(codeOf(error) ?? '')) throw error;
    // A renaming would replace a file, so the name is reserved first.
    try {
      await (await open(path, 'wx', 0o600)).close();
    } catch (failure) {
      if (codeOf(failure) === 'EEXIST') return false;
      throw failure;
    }
    await rename(draft, path);
    return true;
  }
  await rm(draft);
  return true;
}

/** Gives a draft in a folder this name, or the name with the first number that is free. Returns the path. */
export async function publishDraft(draft: string, folder: string, name: string): Promise<string> {
  for (let number = 0; number <= maxNumber; number++) {
    const path = join(folder, numbered(name, number));
    if (!(await take(draft, path))) continue;
    await syncDirectory(folder);
    return path;
  }
  throw new Error(`the folder has too many files called ${name}`);
}
