/** `chat enrol`: a new identity, without questions where all is given. */
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { z } from 'zod';
import { addressText } from '../client-surface.ts';
import { Failure } from '../command-error.ts';
import { explained } from '../sentences.ts';
import { trustedAuthority } from '../sign-in/authority.ts';
import { enrolAs, givenName, newPassword } from '../sign-in/newcomer.ts';
import { unlessStopped } from '../stop.ts';
import { oneShot } from './one-shot.ts';
import { canAsk, withPrompt } from './with-prompt.ts';

const line = z.string().transform((text, context): InvitationLine => {
  const parsed = parseInvitationLine(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'it looks like chat://host:9998#fingerprint' });
  return z.NEVER;
});

export const enrol = oneShot({
  usage: 'enrol LINE --user NAME',
  summary: 'make an identity and a profile at the server of the line, and connect once so that others can write to you',
  words: ['line'],
  options: {},
  request: z.object({ line }),
  async run(request, around) {
    const { profiles, settings } = around;
    const user = givenName(settings);
    if (user === null) throw new Failure('usage', 'The name is missing: chat enrol LINE --user NAME.');
    const client = await withPrompt(around, async (prompt) => {
      const known = await profiles.listProfiles(settings.home);
      const authority = await trustedAuthority(request.line, known, profiles, canAsk(around) ? prompt : null);
      const password = await newPassword({ profiles, settings, prompt });
      return enrolAs({ line: request.line, authority, user, password }, { profiles, settings });
    });
    try {
      // Once they have connected, others can invite and write to them.
      await unlessStopped(around.stop.signal, client.connect());
    } catch (error) {
      throw explained(error, { server: addressText(request.line), user });
    } finally {
      await client.close();
    }
  },
});
