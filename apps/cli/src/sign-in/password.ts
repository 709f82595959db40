/** Passwords: from a file, the environment or a terminal, never from the command line. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure } from '../command-error.ts';
import type { Settings } from '../settings.ts';
import type { Prompt } from '../terminal/prompt.ts';

/** The fewest characters of a new password. Length is what counts against guessing a stolen profile. */
const fewest = 8;

/** The password that was given beforehand, or null. A file's final line end is not part of it. */
export async function givenPassword({ passwordFile, password }: Settings): Promise<string | null> {
  if (passwordFile === null) return password;
  const path = resolve(passwordFile);
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Failure('password-file', `The password file ${path} cannot be read: check that it exists and is yours.`, {
      cause,
    });
  }
}

const tooShort = (password: string): boolean => [...password].length < fewest;

/** Refuses a given password that is too short for a new identity. */
export function checkNewPassword(password: string): void {
  if (tooShort(password)) {
    throw new Failure('password-too-short', `A password needs at least ${fewest} characters: choose a longer one.`);
  }
}

/** A new password, typed twice. */
export async function chooseNewPassword(prompt: Prompt): Promise<string> {
  for (;;) {
    const password = await prompt.askSecret(`Choose a password (at least ${fewest} characters): `);
    if (tooShort(password)) {
      prompt.print(`That is shorter than ${fewest} characters: choose a longer one.`);
      continue;
    }
    if ((await prompt.askSecret('The same password again: ')) === password) return password;
    prompt.print('The two are not the same: once more.');
  }
}
