/** What is in a profile that is to be erased, as far as its password is known. */
import type { Stored } from '@chat/client';
import { codeOf } from '@chat/protocol';
import { addressText, type Profile, profileText } from '../../client-surface.ts';
import type { RunContext } from '../../run-context.ts';
import { givenPassword } from '../../sign-in/password.ts';
import { printLine } from '../../terminal/print-line.ts';
import type { Prompt } from '../../terminal/prompt.ts';
import { sentenceFor } from '../../text/error-sentence.ts';
import { canAsk } from '../with-prompt.ts';

const maxAttempts = 3;

/**
 * Returns what is in the profile; null without its password, which is not needed to erase it, and if it cannot be read. Then it prints why on
 * standard error. A password that is typed wrong is asked for again.
 */
export async function contentOf(profile: Profile, context: RunContext, prompt: Prompt): Promise<Stored | null> {
  const { profiles, settings, stderr } = context;
  const about = { server: addressText(profile), user: profile.user };
  const question = `Password for ${profileText(profile)}, to see what would be lost (Enter goes on without): `;
  const given = await givenPassword(settings);
  const say = (text: string) => (given === null ? prompt.print(text) : printLine(stderr, text));
  const attempts = given !== null ? 1 : canAsk(context) ? maxAttempts : 0;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const password = given ?? (await prompt.askSecret(question));
    if (password === '') return null;
    try {
      return await profiles.inspectProfile(profile, password);
    } catch (error) {
      say(sentenceFor(error, about));
      if (codeOf(error) !== 'wrong-password') return null;
    }
  }
  return null;
}
