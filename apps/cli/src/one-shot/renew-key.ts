/** `chat renew-key`: a new identity key in place of the one before, which signs it. */
import { codeOf } from '@chat/protocol';
import { safeJson } from '@chat/safe-text';
import { addressText, type Client, type Profile } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import type { RunContext } from '../run-context.ts';
import { onlyProfile } from '../sign-in/choice.ts';
import { type Unlocked, unlockWithPassword } from '../sign-in/unlock.ts';
import { unlessStopped } from '../stop.ts';
import { printLine } from '../terminal/print-line.ts';
import { asCommandError, type ErrorContext } from '../text/error-sentence.ts';
import { grouped } from '../text/fingerprint.ts';
import { titleOf } from '../text/room-title.ts';
import { oneShot } from './one-shot.ts';
import { json } from './operands.ts';
import { listedProfiles, readToEnd, reportRenewal } from './session.ts';
import { until } from './until.ts';
import { withPrompt } from './with-prompt.ts';

/** How long the command waits until all rooms have the new key. */
const renewalTimeoutMs = 60_000;

/** A run goes on with the key of an earlier one, which was cut off, if that key is not older. */
const recentMs = 10 * 60_000;

/** The errors after which nothing of a renewal is left, or none was begun. */
const untouched: ReadonlySet<string> = new Set([
  'login-refused',
  'key-renewed',
  'access-revoked',
  'wrong-password',
  'profile-in-use',
  'profile-damaged',
  'profile-outdated',
]);

/** Reads all rooms to the end, because keys that are on their way to the key before are lost with it. */
async function readAll(client: Client, context: RunContext): Promise<void> {
  await unlessStopped(context.stop.signal, client.connect());
  for (const room of client.rooms()) {
    if (room.removed || room.leaving || room.left) continue;
    await unlessStopped(context.stop.signal, readToEnd(client, room, context)).catch((error: unknown) => {
      if (codeOf(error) !== 'timed-out') throw error;
      throw new CommandError(
        'timed-out',
        `${asCommandError(error).message} Your key was not renewed. With --no-read it is renewed all the same; what was said in such a room meanwhile may stay unreadable for you.`,
      );
    });
  }
}

/** Returns the error of a renewal, with what is certain about the key. */
function renewalError(error: unknown, about: ErrorContext): CommandError {
  const { code, message } = asCommandError(error, about);
  const outcome = untouched.has(code)
    ? 'Your identity key was not renewed.'
    : 'The renewal of your identity key is begun and not finished: the next start of chat, or of this command, goes on with it.';
  return new CommandError(code, `${message} ${outcome}`, { cause: error });
}

/**
 * Returns whether the key that the user asks for is there: an earlier run has made it, and was cut off before all files or rooms had it. A key
 * that is older than some minutes is another one, and that a room lacks it may be the server's doing.
 */
async function isMade(profile: Profile, { client, password }: Unlocked, context: RunContext): Promise<boolean> {
  if (client.begunRenewal === 'finished') return true;
  if (!client.isRenewingKey) return false;
  const { renewals } = await context.profiles.inspectProfile(profile, password);
  const madeAt = renewals?.renewals.at(-1)?.madeAt;
  return madeAt !== undefined && Math.abs(context.clock.now() - madeAt) < recentMs;
}

/** A client with the key that the command gives to all rooms. */
interface Renewed {
  readonly client: Client;
  /** Whether this run has made the key, or an earlier one. */
  readonly made: 'now' | 'before';
}

/** Returns a client with a new key. Closes the one before. */
export async function renewed(
  profile: Profile,
  unlocked: Unlocked,
  { read, context, about }: { readonly read: boolean; readonly context: RunContext; readonly about: ErrorContext },
): Promise<Renewed> {
  const { client: before, password } = unlocked;
  try {
    if (await isMade(profile, unlocked, context)) return { client: before, made: 'before' };
  } catch (error) {
    await before.close();
    throw error;
  }
  try {
    if (read) await readAll(before, context);
  } catch (error) {
    // The key before has no access any more, so there is nothing to be read with it.
    if (codeOf(error) !== 'renewal-unfinished') throw error;
  } finally {
    await before.close();
  }
  const client = await context.profiles.renewIdentity(profile, password).catch((error: unknown) => {
    throw renewalError(error, about);
  });
  // The key of an earlier run may be as old as that run: the server decides how long it stays begun.
  return { client, made: before.begunRenewal === 'unfinished' ? 'before' : 'now' };
}

const atTheServer = {
  now: 'Your identity key is renewed at the server',
  before: 'The identity key that an earlier run has made is at the server',
} as const;

/** Resolves when all rooms have the new key. */
export async function giveToRooms({ client, made }: Renewed, { stop, clock, stderr }: RunContext): Promise<void> {
  const giving = async () => {
    await client.connect();
    return until(client, () => !client.isRenewingKey, { clock, timeoutMs: renewalTimeoutMs });
  };
  const outcome = await unlessStopped(stop.signal, giving()).catch((error: unknown) => error);
  if (outcome === true) return;
  const code = outcome === false ? 'timed-out' : (codeOf(outcome) ?? 'internal');
  const message = `${atTheServer[made]}, but not in all of your rooms yet: the next start of chat goes on.`;
  // Of a run that was stopped nothing else is printed.
  if (code === 'cancelled') printLine(stderr, message);
  throw new CommandError(code, message, { cause: outcome });
}

/** Names the rooms in which other users may still see the key before. */
function deniedRooms(client: Client): string {
  const denied = client.rooms().filter((room) => room.denied && !room.removed && !room.leaving);
  if (denied.length === 0) return '';
  return ` but ${denied.map(titleOf).join(', ')}, to which the server denies you access: others there may still see the key before`;
}

/** Returns the first line of what is printed of a renewal. */
export const firstLineOf = ({ client, made }: Renewed): string =>
  made === 'now'
    ? `Your identity key is renewed, at the server and in all of your rooms${deniedRooms(client)}. The fingerprint of the new key is`
    : `The identity key that an earlier run has made is at the server and in all of your rooms${deniedRooms(client)}. This run has made no other one: run the command again for that. The fingerprint of your key is`;

const text = (renewal: Renewed): string =>
  [
    firstLineOf(renewal),
    grouped(renewal.client.fingerprint, '  '),
    'Users who have verified you keep you verified. They read that your key was renewed, and the safety number between you is another one now.',
    'Copies and backups of this profile from before do not log in any more: make a new backup.',
  ].join('\n');

/** The command `chat renew-key`. */
export const renewKey = oneShot(
  {
    summary:
      'Replace your identity key by a new one, which the old one signs: users who have verified you keep you verified. Do it now and then, and when a copy of the old key may be elsewhere. End other runs of chat before.',
    operands: {},
    options: {
      read: { value: null, fallback: true, help: 'Do not read your rooms to the end before, if one does not arrive.' },
      json,
    },
  },
  async (request, context) => {
    const { profiles, settings, stop } = context;
    const profile = onlyProfile(await listedProfiles(context), settings);
    const about = { server: addressText(profile), user: profile.user };
    const unlocked = await withPrompt(context, (prompt) =>
      unlessStopped(stop.signal, unlockWithPassword(profile, { profiles, settings, prompt })),
    );
    reportRenewal(unlocked.client, context);
    const renewal = await renewed(profile, unlocked, { read: request.read, context, about }).catch((error: unknown) => {
      throw asCommandError(error, about);
    });
    const { client, made } = renewal;
    try {
      await giveToRooms(renewal, context);
    } finally {
      await client.close();
    }
    const { user, fingerprint } = client;
    if (request.json) context.stdout.write(`${safeJson({ user, fingerprint, made })}\n`);
    else printLine(context.stdout, text(renewal));
  },
);
