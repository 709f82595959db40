/** Opens a profile with its password: the given one, else one that is asked for, three times at most. */
import { addressText, type Client, type Profile, type Profiles, profileText } from '../client-surface.ts';
import { codeOf } from '../command-error.ts';
import { explained, sentenceFor } from '../sentences.ts';
import type { Settings } from '../settings.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { givenPassword } from './password.ts';

const attempts = 3;

export async function unlock(
  profile: Profile,
  { profiles, settings, prompt }: { profiles: Profiles; settings: Settings; prompt: Prompt },
): Promise<Client> {
  const about = { user: profile.user, server: addressText(profile) };
  const given = await givenPassword(settings);
  if (given !== null) {
    return profiles.openProfile(profile, given).catch((error: unknown) => {
      throw explained(error, about);
    });
  }

  for (let attempt = 1; ; attempt += 1) {
    const password = await prompt.askSecret(`Password for ${profileText(profile)}: `);
    try {
      return await profiles.openProfile(profile, password);
    } catch (error) {
      if (codeOf(error) !== 'wrong-password' || attempt === attempts) throw explained(error, about);
      prompt.print(sentenceFor(error, about));
    }
  }
}
