/** `chat enrol`: creates an identity. Asks nothing if name, line and password are given. */
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { z } from 'zod';
import { addressText } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import { trustedAuthority } from '../sign-in/authority.ts';
import { enrolAs, givenName, newPassword } from '../sign-in/enrol.ts';
import { followServer } from '../sign-in/move.ts';
import { unlessStopped } from '../stop.ts';
import { asCommandError } from '../text/error-sentence.ts';
import { oneShot } from './one-shot.ts';
import { canAsk, withPrompt } from './with-prompt.ts';

/** An invitation line on a command line. */
export const invitationLine = z.string().transform((text, context): InvitationLine => {
  const line = parseInvitationLine(text);
  if (line !== null) return line;
  context.addIssue('not an invitation line');
  return z.NEVER;
});

/** The command `chat enrol`. */
export const enrol = oneShot(
  {
    summary:
      'Create an identity and a profile at the server of an invitation line, and connect once, so that other users can write to it. Needs a user name (--user or CHAT_USER).',
    operands: {
      line: { value: 'LINE', takes: 'an invitation line (chat://host:9998#fingerprint)', schema: invitationLine },
    },
    options: {},
  },
  async ({ line }, context) => {
    const { profiles, settings } = context;
    const user = givenName(settings);
    if (user === null) throw new CommandError('usage', 'The user name is missing: chat enrol LINE --user NAME.');
    const client = await withPrompt(context, async (prompt) => {
      const known = await profiles.listProfiles(settings.home);
      const authority = await trustedAuthority(line, { known, profiles, prompt: canAsk(context) ? prompt : null });
      const existing = known.find((profile) => profile.user === user && profile.serverId === authority.serverId);
      if (existing !== undefined) await followServer(existing, { line, authority }, { profiles, prompt });
      const password = await newPassword({ settings, prompt });
      return enrolAs({ line, authority, user, password }, { profiles, settings });
    });
    try {
      // The first connection publishes a prekey, without which others cannot invite or write to this user.
      await unlessStopped(context.stop.signal, client.connect());
    } catch (error) {
      throw asCommandError(error, { server: addressText(line), user });
    } finally {
      await client.close();
    }
  },
);
