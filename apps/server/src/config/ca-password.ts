/** The password of the CA's key, from the file that CHAT_CA_PASSWORD_FILE names. */
import { readFile } from 'node:fs/promises';
import { CommandError, fileAccessError } from '../command-error.ts';

/**
 * Returns the first line of the file; undefined when the variable is not set.
 *
 * @throws CommandError `file-access`, `ca-password`
 */
export async function readPassword(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const path = environment['CHAT_CA_PASSWORD_FILE'];
  if (path === undefined || path === '') return undefined;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileAccessError('read the password in', path, error);
  });
  const password = text.split(/\r?\n/, 1)[0] ?? '';
  if (password === '') {
    throw new CommandError(
      'ca-password',
      `The first line of ${path} is empty: write the password of the CA's key into it.`,
    );
  }
  return password;
}
