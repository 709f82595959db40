/** Passwords come from a file, the environment or the terminal, never from the command line. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CommandError } from '../command-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Prompt } from '../terminal/prompt.ts';

/** A new password has at least this many characters. Its length decides how hard a stolen profile is to open. */
const minPasswordCharacters = 8;

/** Where a password is found without asking for it; null for a place that was not given. */
export type GivenPassword = Pick<Settings, 'passwordFile' | 'password'>;

/**
 * Returns the password from the file or the environment; null when there is none. The line end at the end of the file is not
 * part of the password.
 *
 * @throws CommandError `password-file`
 */
export async function givenPassword({ passwordFile, password }: GivenPassword): Promise<string | null> {
  if (passwordFile === null) return password;
  const path = resolve(passwordFile);
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new CommandError(
      'password-file',
      `Cannot read the password file ${path}: check that it exists and that you may read it.`,
      { cause },
    );
  }
}

const tooShort = (password: string): boolean => [...password].length < minPasswordCharacters;

/**
 * Requires that a new password is long enough.
 *
 * @throws CommandError `password-too-short`
 */
export function checkNewPassword(password: string): void {
  if (tooShort(password)) {
    throw new CommandError(
      'password-too-short',
      `A password needs at least ${minPasswordCharacters} characters: choose a longer one.`,
    );
  }
}

/** Asks for a new password, twice, until both are the same and long enough. */
export async function chooseNewPassword(prompt: Prompt): Promise<string> {
  for (;;) {
    const password = await prompt.askSecret(`Choose a password (at least ${minPasswordCharacters} characters): `);
    if (tooShort(password)) {
      prompt.print(`That password has fewer than ${minPasswordCharacters} characters: choose a longer one.`);
      continue;
    }
    if ((await prompt.askSecret('The same password again: ')) === password) return password;
    prompt.print('The two passwords are different: try again.');
  }
}
