/** Which of the profiles on this machine is meant. */
import { addressText, type Profile, profileText } from '../client-surface.ts';
import { Failure } from '../command-error.ts';
import type { Settings } from '../settings.ts';
import type { Prompt } from '../terminal/prompt.ts';

/** Those that `--user` and `--server` leave over. */
export const matchingProfiles = (all: readonly Profile[], { user, server }: Settings): readonly Profile[] =>
  all.filter(
    (profile) =>
      (user === null || profile.user === user) &&
      (server === null || addressText(profile) === server || profile.host === server),
  );

/** The only one; fails where there is none, or more than one, with what to do about it. */
export function onlyProfile(all: readonly Profile[], settings: Settings): Profile {
  const [profile, ...others] = matchingProfiles(all, settings);
  if (profile !== undefined && others.length === 0) return profile;
  if (profile !== undefined) {
    const names = [profile, ...others].map(profileText).join(', ');
    throw new Failure('which-profile', `There are several profiles (${names}): choose one with --user and --server.`);
  }
  throw noSuchProfile(all, settings);
}

export function noSuchProfile(all: readonly Profile[], { home }: Settings): Failure {
  if (all.length > 0) {
    return new Failure(
      'no-profile',
      `No profile in ${home} fits --user and --server; there are: ${all.map(profileText).join(', ')}.`,
    );
  }
  return new Failure(
    'no-profile',
    `There is no profile in ${home}: make one with "chat enrol LINE --user NAME", or start chat with the line that your server printed.`,
  );
}

/** Lets a person choose by number. */
export async function chooseProfile(profiles: readonly Profile[], prompt: Prompt): Promise<Profile> {
  prompt.print(profiles.map((profile, at) => `  ${at + 1}) ${profileText(profile)}`).join('\n'));
  for (;;) {
    const answer = await prompt.ask(`Which one? (1-${profiles.length}) `);
    const chosen = profiles[Number(answer) - 1] ?? profiles.find(({ user }) => user === answer);
    if (chosen !== undefined) return chosen;
    prompt.print(`Please type a number from 1 to ${profiles.length}.`);
  }
}
