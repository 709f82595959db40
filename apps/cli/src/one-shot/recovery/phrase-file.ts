/** The recovery phrase in a file, for scripts: it never stands on a command line. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf } from '@chat/protocol';
import { z } from 'zod';
import { CommandError } from '../../command-error.ts';

/** The option that names the file. */
export const phraseFile = { value: 'FILE', takes: 'a file', schema: z.string() } as const;

/** Writes a phrase to a new file that only its owner may read. @throws CommandError `phrase-file` */
export async function writePhrase(file: string, phrase: string): Promise<void> {
  const path = resolve(file);
  await writeFile(path, `${phrase}\n`, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    const why =
      codeOf(cause) === 'EEXIST' ? 'is there already: name another one' : 'cannot be written: check its folder';
    throw new CommandError('phrase-file', `The file ${path} ${why}. No recovery phrase was made.`, { cause });
  });
}

/** Reads a phrase from a file. @throws CommandError `phrase-file` */
export async function readPhrase(file: string): Promise<string> {
  const path = resolve(file);
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandError(
      'phrase-file',
      `Cannot read the file ${path} with the recovery phrase: check that it exists and that you may read it.`,
      { cause },
    );
  });
}
