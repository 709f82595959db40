/** Selects one of the profiles on this machine. */
import { addressText, type Profile, profileText } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Prompt } from '../terminal/prompt.ts';

/** Returns the profiles that `--user` and `--server` select. */
export const matchingProfiles = (all: readonly Profile[], { user, server }: Settings): readonly Profile[] =>
  all.filter(
    (profile) =>
      (user === null || profile.user === user) &&
      (server === null || addressText(profile) === server || profile.host === server),
  );

/**
 * Returns the only selected profile.
 *
 * @throws CommandError `no-profile`, `which-profile`
 */
export function onlyProfile(all: readonly Profile[], settings: Settings): Profile {
  const [profile, ...others] = matchingProfiles(all, settings);
  if (profile !== undefined && others.length === 0) return profile;
  if (profile !== undefined) {
    const names = [profile, ...others].map(profileText).join(', ');
    throw new CommandError(
      'which-profile',
      `There are several profiles (${names}): choose one with --user and --server.`,
    );
  }
  throw noProfileError(all, settings);
}

/** Returns the error for a selection without a profile. */
export function noProfileError(all: readonly Profile[], { home }: Settings): CommandError {
  if (all.length > 0) {
    const names = all.map(profileText).join(', ');
    return new CommandError(
      'no-profile',
      `No profile in ${home} matches --user and --server. The profiles are: ${names}.`,
    );
  }
  return new CommandError(
    'no-profile',
    `There is no profile in ${home}: create one with "chat enrol LINE --user NAME", or start chat with an invitation line of your server.`,
  );
}

/** Asks the user to choose a profile by number or name. */
export async function chooseProfile(profiles: readonly Profile[], prompt: Prompt): Promise<Profile> {
  prompt.print(profiles.map((profile, at) => `  ${at + 1}) ${profileText(profile)}`).join('\n'));
  for (;;) {
    const answer = await prompt.ask(`Which profile? (1-${profiles.length}) `);
    const chosen = profiles[Number(answer) - 1] ?? profiles.find(({ user }) => user === answer);
    if (chosen !== undefined) return chosen;
    prompt.print(`Please type a number from 1 to ${profiles.length}.`);
  }
}
