/** Signs in with an invitation line: a user with a profile on this machine logs in, another one enrols. */
import { codeOf, type InvitationLine, type UserName, userName } from '@chat/protocol';
import { type Authority, addressText, type Client, type Profile, type Profiles } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { asCommandError, sentenceFor } from '../text/error-sentence.ts';
import { trustedAuthority } from './authority.ts';
import { followServer } from './move.ts';
import { checkNewPassword, chooseNewPassword, givenPassword } from './password.ts';
import { makePhrase, wantsPhrase } from './recovery-phrase.ts';
import { unlock } from './unlock.ts';

/** The profiles, settings and prompt with which a user signs in. */
export interface SignInContext {
  readonly profiles: Profiles;
  readonly settings: Settings;
  readonly prompt: Prompt;
  /** False to offer no recovery phrase to a new user. Default: true. */
  readonly offersRecovery?: boolean;
}

/**
 * Asks for a user name until the answer is a valid one.
 *
 * @param suggestion the name for an empty answer; null when there is none
 */
async function askName(prompt: Prompt, suggestion: UserName | null): Promise<UserName> {
  for (;;) {
    const answer = await prompt.ask(suggestion === null ? 'Your name: ' : `Your name [${suggestion}]: `);
    const name = userName.safeParse(answer === '' && suggestion !== null ? suggestion : answer);
    if (name.success) return name.data;
    prompt.print(`That is not a user name: ${name.error.issues[0]?.message ?? 'choose another'}.`);
  }
}

/**
 * Returns the name given with `--user`; null when it was not given.
 *
 * @throws CommandError `usage` when it is not a user name
 */
export function givenName({ user }: Settings): UserName | null {
  if (user === null) return null;
  const name = userName.safeParse(user);
  if (name.success) return name.data;
  throw new CommandError(
    'usage',
    `"${user}" is not a user name: ${name.error.issues[0]?.message ?? 'choose another'}.`,
  );
}

const unfinishedEnrolmentError = (user: UserName, cause: unknown): CommandError =>
  new CommandError(
    'wrong-password',
    `An enrolment as ${user} was started on this machine and did not finish: use the password of that enrolment, or another name.`,
    { cause },
  );

/** The identity is new, so it is the name whose earlier user was revoked. */
const unusableNameError = (user: UserName, cause: unknown): CommandError =>
  new CommandError('user-name-taken', `The name ${user} cannot be used at this server: choose another.`, { cause });

/** Everything that an enrolment needs. */
export interface NewIdentity {
  readonly line: InvitationLine;
  readonly authority: Authority;
  readonly user: UserName;
  readonly password: string;
}

/**
 * Enrols a user.
 *
 * @throws CommandError that names the server and the user
 */
export async function enrolAs(
  { line, authority, user, password }: NewIdentity,
  { profiles, settings }: Pick<SignInContext, 'profiles' | 'settings'>,
): Promise<Client> {
  const { host, port, invitation } = line;
  const request = { home: settings.home, address: { host, port }, authority, user, password };
  try {
    return await profiles.enrol(invitation === undefined ? request : { ...request, invitation });
  } catch (error) {
    if (codeOf(error) === 'wrong-password') throw unfinishedEnrolmentError(user, error);
    if (codeOf(error) === 'access-revoked') throw unusableNameError(user, error);
    throw asCommandError(error, { server: addressText(line), user });
  }
}

/** Returns the password for a new identity: the given one, or one that the user types twice. */
export async function newPassword({ settings, prompt }: Pick<SignInContext, 'settings' | 'prompt'>): Promise<string> {
  const given = await givenPassword(settings);
  if (given === null) return chooseNewPassword(prompt);
  checkNewPassword(given);
  return given;
}

/** Enrols under the name. While the name is taken, asks for another one and keeps the password. */
async function enrolNewUser(identity: Omit<NewIdentity, 'password'>, context: SignInContext): Promise<Client> {
  const password = await newPassword(context);
  for (let { user } = identity; ; user = await askName(context.prompt, null)) {
    try {
      const client = await enrolAs({ ...identity, user, password }, context);
      return await offerPhrase(client, { ...identity, user, password }, context);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'user-name-taken' && code !== 'profile-exists') throw error;
      context.prompt.print(sentenceFor(error));
    }
  }
}

/** Offers a recovery phrase to a new user. Returns the client with which the user goes on. */
async function offerPhrase(
  client: Client,
  { user, password, authority }: NewIdentity,
  { profiles, settings, prompt, offersRecovery }: SignInContext,
): Promise<Client> {
  if (offersRecovery === false) return client;
  try {
    if (!(await wantsPhrase(prompt))) return client;
  } catch (error) {
    await client.close();
    throw error;
  }
  await client.close();
  const all = await profiles.listProfiles(settings.home);
  const profile = all.find((each) => each.user === user && each.serverId === authority.serverId);
  if (profile === undefined) throw new CommandError('internal', 'The new profile is not on this machine any more.');
  await profiles.startRecovery(profile, password, () => makePhrase(profiles, prompt));
  return profiles.openProfile(profile, password);
}

/** Logs in when the user has a profile at the server of the line, else enrols. */
export async function signInWithLine(
  line: InvitationLine,
  all: readonly Profile[],
  context: SignInContext,
): Promise<Client> {
  const { profiles, settings, prompt } = context;
  const authority = await trustedAuthority(line, { known: all, profiles, prompt });
  const here = all.filter(({ serverId }) => serverId === authority.serverId);
  const suggestion = here.length === 1 ? (here[0]?.user ?? null) : null;

  const name = givenName(settings) ?? (await askName(prompt, suggestion));
  const profile = here.find(({ user }) => user === name);
  if (profile !== undefined) {
    return unlock(await followServer(profile, { line, authority }, context), {
      ...context,
      invitation: line.invitation,
    });
  }

  prompt.print(`There is no profile of ${name} on this machine. Creating a new identity for ${addressText(line)}.`);
  return enrolNewUser({ line, authority, user: name }, context);
}
