/** `chat recover`: a profile on an empty machine, from the recovery phrase and the backup at the server. */
import { codeOf } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import { addressText, type Client, type Profile, profileText } from '../../client-surface.ts';
import { CommandError } from '../../command-error.ts';
import type { RunContext } from '../../run-context.ts';
import { trustedAuthority } from '../../sign-in/authority.ts';
import { givenName, newPassword } from '../../sign-in/enrol.ts';
import { unlessStopped } from '../../stop.ts';
import { printLine } from '../../terminal/print-line.ts';
import { asCommandError } from '../../text/error-sentence.ts';
import { leftText } from '../../text/recovery.ts';
import { titleOf } from '../../text/room-title.ts';
import { timeOfDay } from '../../text/time.ts';
import { invitationLine } from '../enrol.ts';
import { oneShot } from '../one-shot.ts';
import { firstLineOf, giveToRooms, renewed } from '../renew-key.ts';
import { canAsk, withPrompt } from '../with-prompt.ts';
import { phraseFile, readPhrase } from './phrase-file.ts';

/** How often a phrase may be mistyped. */
const maxAttempts = 5;

type Restored = Awaited<ReturnType<RunContext['profiles']['recoverProfile']>>;

/** How many entries each room has of the user, by its title. */
async function ownEntries(
  profile: Profile,
  password: string,
  { profiles }: RunContext,
): Promise<ReadonlyMap<string, number>> {
  const { rooms } = await profiles.inspectProfile(profile, password);
  return new Map(
    Object.values(rooms).map(({ name, peer, state }) => {
      const keys = [state.me, ...(state.members.get(state.me)?.earlierKeys ?? [])];
      const count = Math.max(0, ...keys.map((key) => state.authors.get(key)?.counter ?? 0));
      return [titleOf({ roomName: name, peer: peer ?? null }), count];
    }),
  );
}

/** Says which messages of the user are later than the backup: keys and messages that came with them may be missing. */
function laterText(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, at: string): string | null {
  const later = [...after].flatMap(([title, count]) => {
    const more = count - (before.get(title) ?? 0);
    return more > 0 ? [`${sanitiseLine(title)} (${more})`] : [];
  });
  if (later.length === 0) return null;
  return `The backup is of ${at}, and older than your last messages in ${later.join(', ')}. What was said meanwhile under keys that your lost device got later cannot be read here. If that device was connected for long after ${at}, the server may have withheld a later backup: ask its operator.`;
}

/** Restores the profile. At a terminal a mistyped phrase is asked for again. */
function restored(
  request: { readonly line: Parameters<typeof trustedAuthority>[0]; readonly 'phrase-file'?: string },
  context: RunContext,
): Promise<{ readonly profile: Restored; readonly password: string }> {
  const { profiles, settings } = context;
  const { host, port } = request.line;
  const user = givenName(settings);
  if (user === null) throw new CommandError('usage', 'The user name is missing: chat recover LINE --user NAME.');
  return withPrompt(context, async (prompt) => {
    const known = await profiles.listProfiles(settings.home);
    const authority = await trustedAuthority(request.line, {
      known,
      profiles,
      prompt: canAsk(context) ? prompt : null,
    });
    const file = request['phrase-file'];
    let phrase =
      file === undefined ? await prompt.askSecret('The 24 words of your recovery phrase: ') : await readPhrase(file);
    let password: string | null = null;
    for (let attempt = 1; ; attempt += 1) {
      try {
        profiles.checkPhrase(phrase);
        password ??= await newPassword({ settings, prompt });
        const options = { home: settings.home, address: { host, port }, authority, user, phrase, password };
        return { profile: await profiles.recoverProfile(options), password };
      } catch (error) {
        const mayRepeat = file === undefined && attempt < maxAttempts;
        if (!mayRepeat || !['not-a-phrase', 'recovery-refused'].includes(codeOf(error) ?? '')) throw error;
        prompt.print(asCommandError(error, { server: addressText({ host, port }), user }).message);
        phrase = await prompt.askSecret('The 24 words of your recovery phrase: ');
      }
    }
  });
}

const unfinished = (error: unknown): CommandError => {
  const { code, message } = asCommandError(error);
  return new CommandError(
    code,
    `${message} The profile is restored, but your identity key is still the one of the lost device. Start chat, confirm that the other use ends, and then run "chat renew-key".`,
    { cause: error },
  );
};

/** Claims the name for this machine, and replaces the identity key, so that the lost device has no access any more. */
async function takeOver({ profile, at }: Restored, password: string, context: RunContext): Promise<Client> {
  const { profiles, clock, stderr, stop } = context;
  const about = { server: addressText(profile), user: profile.user };
  const before = await ownEntries(profile, password, context);
  const client = await profiles.openProfile(profile, password);
  try {
    await unlessStopped(stop.signal, client.connect({ replaceOthers: true }));
  } catch (error) {
    await client.close();
    throw error;
  }
  const renewal = await renewed(profile, { client, password }, { read: true, context, about });
  const note = laterText(before, await ownEntries(profile, password, context), timeOfDay(at, clock.now()));
  if (note !== null) printLine(stderr, note);
  try {
    await giveToRooms(renewal, context);
    await renewal.client.recovery.backUp();
  } catch (error) {
    await renewal.client.close();
    throw error;
  }
  printLine(context.stdout, firstLineOf(renewal).replace(/ The fingerprint of .*$/, ''));
  return renewal.client;
}

/** The command `chat recover`. */
export const recover = oneShot(
  {
    summary:
      'Restore your profile on this machine from the backup at the server, with your recovery phrase, under a new password. It gives you a new identity key, so that the lost device can neither log in nor read what follows. Needs your name (--user or CHAT_USER).',
    operands: {
      line: { value: 'LINE', takes: 'an invitation line (chat://host:9998#fingerprint)', schema: invitationLine },
    },
    options: {
      'phrase-file': { ...phraseFile, help: 'A file with the recovery phrase. Without it the phrase is asked for.' },
    },
  },
  async (request, context) => {
    const { stdout, clock, settings } = context;
    const { host, port } = request.line;
    const about = { server: addressText({ host, port }), user: settings.user ?? 'this user' };
    const { profile: found, password } = await restored(request, context).catch((error: unknown) => {
      throw asCommandError(error, about);
    });
    const { profile, at, number, left } = found;
    printLine(
      stdout,
      `The profile ${profileText(profile)} is restored from backup ${number}, of ${timeOfDay(at, clock.now())}, under the new password.`,
    );
    const missing = leftText(left);
    if (missing !== null) printLine(stdout, missing);
    const client = await takeOver(found, password, context).catch((error: unknown) => {
      throw codeOf(error) === 'cancelled' ? error : unfinished(error);
    });
    await client.close();
    printLine(
      stdout,
      'The lost device can neither log in nor read what is said from now on. Your recovery phrase stays the same: if another person may have it, or has that device and its password, make a new one with "chat recovery new".',
    );
  },
);
