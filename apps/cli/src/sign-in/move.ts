/** A server that has moved, or has another authority: its profiles follow when the user pastes the line that it prints now. */
import type { InvitationLine } from '@chat/protocol';
import { type Authority, addressText, type Profile, type Profiles } from '../client-surface.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { asCommandError } from '../text/error-sentence.ts';

/** A line, and the authority that it names or that the user has confirmed. */
export interface TrustedLine {
  readonly line: InvitationLine;
  readonly authority: Authority;
}

/**
 * Returns the profile with the address and the authority of the line. If one of them is another one than before, changes the
 * profile and says so.
 *
 * @param profile at the server of the line
 * @throws CommandError when the server at the new address does not prove that it has the authority's key
 */
export async function followServer(
  profile: Profile,
  { line: { host, port, fingerprint }, authority }: TrustedLine,
  { profiles, prompt }: { readonly profiles: Pick<Profiles, 'moveProfile'>; readonly prompt: Prompt },
): Promise<Profile> {
  const isSamePlace = profile.host === host && profile.port === port;
  // A line without a fingerprint decides about no authority.
  const isRenewed = fingerprint !== undefined && authority.fingerprint !== profile.pinned;
  if (isSamePlace && !isRenewed) return profile;
  const [before, now] = [addressText(profile), addressText({ host, port })];
  try {
    const moved = await profiles.moveProfile(profile, { host, port }, isRenewed ? authority : undefined);
    if (isRenewed) {
      prompt.print(
        `The line names another certificate authority of this server than the one that the profile of ${profile.user} trusted: the profile trusts the one of the line from now on.`,
      );
    }
    if (!isSamePlace)
      prompt.print(
        `The server of this profile was at ${before}, and now answers at ${now} with the same certificate authority: the profile of ${profile.user} uses the new address from now on.`,
      );
    return moved;
  } catch (error) {
    throw asCommandError(error, { server: now, user: profile.user });
  }
}
