/** With a line: a name that has a profile here logs in, another one is enrolled. */
import { type InvitationLine, type UserName, userName } from '@chat/protocol';
import { type Authority, addressText, type Client, type Profile, type Profiles } from '../client-surface.ts';
import { codeOf, Failure } from '../command-error.ts';
import { explained, sentenceFor } from '../sentences.ts';
import type { Settings } from '../settings.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { trustedAuthority } from './authority.ts';
import { checkNewPassword, chooseNewPassword, givenPassword } from './password.ts';
import { unlock } from './unlock.ts';

export interface SignInContext {
  readonly profiles: Profiles;
  readonly settings: Settings;
  readonly prompt: Prompt;
}

async function askName(prompt: Prompt, usual: UserName | null): Promise<UserName> {
  for (;;) {
    const answer = await prompt.ask(usual === null ? 'Your name: ' : `Your name [${usual}]: `);
    const name = userName.safeParse(answer === '' && usual !== null ? usual : answer);
    if (name.success) return name.data;
    prompt.print(`That cannot be a name: ${name.error.issues[0]?.message ?? 'choose another'}.`);
  }
}

/** The name given with `--user`, checked. */
export function givenName({ user }: Settings): UserName | null {
  if (user === null) return null;
  const name = userName.safeParse(user);
  if (name.success) return name.data;
  throw new Failure('usage', `"${user}" cannot be a name: ${name.error.issues[0]?.message ?? 'choose another'}.`);
}

const begunBefore = (user: UserName, cause: unknown): Failure =>
  new Failure(
    'wrong-password',
    `An enrolment as ${user} was begun on this machine before and broke off: use its password, or another name.`,
    { cause },
  );

export interface NewIdentity {
  readonly line: InvitationLine;
  readonly authority: Authority;
  readonly user: UserName;
  readonly password: string;
}

/** Enrols; what fails names the server and the user. */
export async function enrolAs(
  { line, authority, user, password }: NewIdentity,
  { profiles, settings }: Pick<SignInContext, 'profiles' | 'settings'>,
): Promise<Client> {
  const { host, port, invitation } = line;
  const order = { home: settings.home, address: { host, port }, authority, user, password };
  try {
    return await profiles.enrol(invitation === undefined ? order : { ...order, invitation });
  } catch (error) {
    if (codeOf(error) === 'wrong-password') throw begunBefore(user, error);
    throw explained(error, { server: addressText(line), user });
  }
}

/** A new password: the given one, or one that is typed twice. */
export async function newPassword({ settings, prompt }: SignInContext): Promise<string> {
  const given = await givenPassword(settings);
  if (given === null) return chooseNewPassword(prompt);
  checkNewPassword(given);
  return given;
}

/** Enrols under the name, or, when that is taken, under another one with the same password. */
async function enrolNewcomer(line: InvitationLine, authority: Authority, first: UserName, context: SignInContext) {
  const password = await newPassword(context);
  for (let user = first; ; user = await askName(context.prompt, null)) {
    try {
      return await enrolAs({ line, authority, user, password }, context);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'user-name-taken' && code !== 'profile-exists') throw error;
      context.prompt.print(sentenceFor(error));
    }
  }
}

export async function signInWithLine(
  line: InvitationLine,
  all: readonly Profile[],
  context: SignInContext,
): Promise<Client> {
  const { profiles, settings, prompt } = context;
  const authority = await trustedAuthority(line, all, profiles, prompt);
  const here = all.filter((profile) => profile.authority === authority.fingerprint);
  const usual = here.length === 1 ? (here[0]?.user ?? null) : null;

  const name = givenName(settings) ?? (await askName(prompt, usual));
  const profile = here.find(({ user }) => user === name);
  if (profile !== undefined) return unlock(profile, { profiles, settings, prompt });

  prompt.print(`There is no ${name} on this machine yet: a new identity is made for ${addressText(line)}.`);
  return enrolNewcomer(line, authority, name, context);
}
