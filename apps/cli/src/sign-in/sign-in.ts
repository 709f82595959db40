/** Signs in: returns a client that is ready to connect, after asking the user for what is missing. */
import { defaultPorts, formatInvitationLine, type InvitationLine, parseInvitationLine } from '@chat/protocol';
import type { Client } from '../client-surface.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { sentenceFor } from '../text/error-sentence.ts';
import { chooseProfile, matchingProfiles, noProfileError } from './choice.ts';
import { type SignInContext, signInWithLine } from './enrol.ts';
import { unlock } from './unlock.ts';

const localServer = { host: '127.0.0.1', port: defaultPorts.enrolment };

async function askLine(prompt: Prompt): Promise<InvitationLine> {
  const suggestion = formatInvitationLine(localServer);
  for (;;) {
    const answer = await prompt.ask(`Paste the line that your server printed [${suggestion}]: `);
    const line = answer === '' ? localServer : parseInvitationLine(answer);
    if (line !== null) return line;
    prompt.print('That is not an invitation line. One looks like chat://host:9998#fingerprint');
  }
}

/**
 * Returns a client that is not connected yet.
 *
 * @param line the invitation line from the command line; null when there is none
 */
export async function signIn(line: InvitationLine | null, context: SignInContext): Promise<Client> {
  const { profiles, settings, prompt } = context;
  const all = await profiles.listProfiles(settings.home, (error) => prompt.print(sentenceFor(error)));
  if (line !== null) return signInWithLine(line, all, context);

  const matching = matchingProfiles(all, settings);
  const [profile, ...others] = matching;
  if (profile === undefined) {
    if (all.length > 0) throw noProfileError(all, settings);
    return signInWithLine(await askLine(prompt), all, context);
  }
  const chosen = others.length === 0 ? profile : await chooseProfile(matching, prompt);
  return unlock(chosen, { profiles, settings, prompt });
}
