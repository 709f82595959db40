/** A server that has moved: its profiles follow when the user pastes the line that it prints at its new address. */
import type { InvitationLine } from '@chat/protocol';
import { addressText, type Profile, type Profiles } from '../client-surface.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { asCommandError } from '../text/error-sentence.ts';

/**
 * Returns the profile with the address of the line. If that is another one, shows both and changes the profile.
 *
 * @param profile of the same certificate authority as the server of the line
 * @throws CommandError when the server at the new address does not prove that it has the authority's key
 */
export async function followServer(
  profile: Profile,
  { host, port }: InvitationLine,
  { profiles, prompt }: { readonly profiles: Pick<Profiles, 'moveProfile'>; readonly prompt: Prompt },
): Promise<Profile> {
  if (profile.host === host && profile.port === port) return profile;
  const [before, now] = [addressText(profile), addressText({ host, port })];
  try {
    const moved = await profiles.moveProfile(profile, { host, port });
    prompt.print(
      `The server of this profile was at ${before}, and now answers at ${now} with the same certificate authority: the profile of ${profile.user} uses the new address from now on.`,
    );
    return moved;
  } catch (error) {
    throw asCommandError(error, { server: now, user: profile.user });
  }
}
