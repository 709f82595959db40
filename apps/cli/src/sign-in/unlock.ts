/** Opens a profile with its password: the given one, else one that the user types, in at most three attempts. */
import { codeOf } from '@chat/protocol';
import { addressText, type Client, type Profile, type Profiles, profileText } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { asCommandError, type ErrorContext, sentenceFor } from '../text/error-sentence.ts';
import { givenPassword } from './password.ts';

const maxAttempts = 3;

const lastAttemptError = ({ user }: Pick<Profile, 'user'>, cause: unknown): CommandError =>
  new CommandError(
    'wrong-password',
    `The password for ${user} was wrong ${maxAttempts} times: chat ends. Start it again to try others.`,
    { cause },
  );

/** What `unlock` needs. */
export interface UnlockContext {
  readonly profiles: Pick<Profiles, 'openProfile'>;
  readonly settings: Settings;
  readonly prompt: Prompt;
  /** The invitation of the user's line, for a server that has lost the user's account. Default: none. */
  readonly invitation?: string | undefined;
}

/**
 * Opens a profile.
 *
 * @throws CommandError that names the user and the server
 */
export const unlock = async (profile: Profile, context: UnlockContext): Promise<Client> =>
  (await unlockWithPassword(profile, context)).client;

/** Returns what the user should read about a renewal of the identity key that an earlier run has begun; null if there is nothing. */
export function renewalNote({ begunRenewal }: Pick<Client, 'begunRenewal'>): string | null {
  switch (begunRenewal) {
    case null:
      return null;
    case 'finished':
      return 'The renewal of your identity key, which was cut off before, is finished. Your rooms get the new key now.';
    case 'unfinished':
      return 'A renewal of your identity key was cut off, and the server could not be asked about it now: the next start of chat asks again.';
    case 'refused':
      return 'The server has refused the renewal of your identity key that was cut off before: your key stays as it was.';
  }
}

/** An open profile, and the password that opened it. */
export interface Unlocked {
  readonly client: Client;
  readonly password: string;
}

/** Opens a profile as `unlock` does, for work that needs the password, too. */
export const unlockWithPassword = (
  profile: Profile,
  { profiles, settings, prompt, invitation }: UnlockContext,
): Promise<Unlocked> =>
  withPassword(profile, { settings, prompt }, async (password) => ({
    client: await profiles.openProfile(profile, password, { invitation }),
    password,
  }));

/** Does what needs the password of a profile, as `askForPassword` does. */
export const withPassword = <T>(
  profile: Profile,
  context: Pick<UnlockContext, 'settings' | 'prompt'>,
  open: (password: string) => Promise<T>,
): Promise<T> => {
  const about = { user: profile.user, server: addressText(profile) };
  return askForPassword({ question: `Password for ${profileText(profile)}: `, about }, context, open);
};

/** A question for a password. */
export interface PasswordQuestion {
  readonly question: string;
  readonly about: ErrorContext & { readonly user: string };
}

/**
 * Does what needs a password: with the given one, else with one that the user types, in at most three attempts.
 *
 * @param open rejects with the code `wrong-password` for another one
 * @throws CommandError that names the user and the server
 */
export async function askForPassword<T>(
  { question, about }: PasswordQuestion,
  { settings, prompt }: Pick<UnlockContext, 'settings' | 'prompt'>,
  open: (password: string) => Promise<T>,
): Promise<T> {
  const given = await givenPassword(settings);
  if (given !== null) {
    return open(given).catch((error: unknown) => {
      throw asCommandError(error, about);
    });
  }

  for (let attempt = 1; ; attempt += 1) {
    const password = await prompt.askSecret(question);
    try {
      return await open(password);
    } catch (error) {
      if (codeOf(error) !== 'wrong-password') throw asCommandError(error, about);
      if (attempt === maxAttempts) throw lastAttemptError(about, error);
      prompt.print(sentenceFor(error, about));
    }
  }
}
