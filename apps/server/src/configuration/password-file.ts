/** Passwords from the first lines of files, so that none stands on a command line. */
import { readFile } from 'node:fs/promises';
import { CommandError, fileAccessError } from '../command-error.ts';
import { configPlace, configurationWithoutOptions, valuesOf } from './configuration.ts';

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
 * Returns the password of the CA's keys; undefined when no file is named.
 *
 * @throws CommandError `file-access`, `ca-password`
 */
export const readCaPassword = async (path: string | null): Promise<string | undefined> =>
  path === null ? undefined : passwordIn(path, { what: "the CA's key", code: 'ca-password' });

/**
 * Returns the password of the CA's keys, from the file that CHAT_CA_PASSWORD_FILE or the configuration names; undefined when neither does.
 *
 * @param folder the data directory
 * @param config the configuration file that the operator has named
 * @throws CommandError `file-access`, `ca-password`, `config`, `usage`
 */
export async function findCaPassword(
  folder: string,
  config: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const set = environment['CHAT_CA_PASSWORD_FILE'];
  if (set !== undefined && set !== '') return readCaPassword(set);
  const configuration = await configurationWithoutOptions(configPlace(config, folder), {});
  return readCaPassword(valuesOf(configuration)['ca-password-file'] ?? null);
}

/**
 * Returns the password of backups; null when no file is named.
 *
 * @throws CommandError `file-access`, `backup-password`
 */
export const readBackupPassword = async (path: string | undefined): Promise<string | null> =>
  path === undefined ? null : passwordIn(path, { what: 'the backups', code: 'backup-password' });
