/** Passwords from the first lines of files, so that none stands on a command line. */
import { readFile } from 'node:fs/promises';
import { CommandError, fileAccessError } from '../command-error.ts';

/**
 * Returns the first line of a file.
 *
 * @param what the password is for; completes "write the password of ... into it"
 * @throws CommandError `file-access`; `code` when the line is empty
 */
async function passwordIn(
  path: string,
  { what, code }: { readonly what: string; readonly code: 'ca-password' | 'backup-password' },
): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileAccessError('read the password in', path, error);
  });
  const password = text.split(/\r?\n/, 1)[0] ?? '';
  if (password !== '') return password;
  throw new CommandError(code, `The first line of ${path} is empty: write the password of ${what} into it.`);
}

/**
 * Returns the password of the CA's keys, from the file that CHAT_CA_PASSWORD_FILE names; undefined when the variable is not set.
 *
 * @throws CommandError `file-access`, `ca-password`
 */
export async function readPassword(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const path = environment['CHAT_CA_PASSWORD_FILE'];
  if (path === undefined || path === '') return undefined;
  return passwordIn(path, { what: "the CA's key", code: 'ca-password' });
}

/**
 * Returns the password of backups; null when no file is named.
 *
 * @throws CommandError `file-access`, `backup-password`
 */
export const readBackupPassword = async (path: string | undefined): Promise<string | null> =>
  path === undefined ? null : passwordIn(path, { what: 'the backups', code: 'backup-password' });
