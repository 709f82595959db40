/** From the start of the program to a client that is ready to connect, asking a person for what is missing. */
import { defaultPorts, formatInvitationLine, type InvitationLine, parseInvitationLine } from '@chat/protocol';
import type { Client } from '../client-surface.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { chooseProfile, matchingProfiles, noSuchProfile } from './choice.ts';
import { type SignInContext, signInWithLine } from './newcomer.ts';
import { unlock } from './unlock.ts';

const local = { host: '127.0.0.1', port: defaultPorts.enrolment };

async function askLine(prompt: Prompt): Promise<InvitationLine> {
  const usual = formatInvitationLine(local);
  for (;;) {
    const answer = await prompt.ask(`Paste the line that your server printed [${usual}]: `);
    const line = answer === '' ? local : parseInvitationLine(answer);
    if (line !== null) return line;
    prompt.print('That is not such a line: it looks like chat://host:9998#fingerprint');
  }
}

/** `line` is the one from the command line, or null. The client is not connected yet. */
export async function signIn(line: InvitationLine | null, context: SignInContext): Promise<Client> {
  const { profiles, settings, prompt } = context;
  const all = await profiles.listProfiles(settings.home);
  if (line !== null) return signInWithLine(line, all, context);

  const matching = matchingProfiles(all, settings);
  const [profile, ...others] = matching;
  if (profile === undefined) {
    if (all.length > 0) throw noSuchProfile(all, settings);
    return signInWithLine(await askLine(prompt), all, context);
  }
  const chosen = others.length === 0 ? profile : await chooseProfile(matching, prompt);
  return unlock(chosen, { profiles, settings, prompt });
}
