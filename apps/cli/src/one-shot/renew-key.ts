/** `chat renew-key`: a new identity key in place of the one before, which signs it. */
import { safeJson } from '@chat/safe-text';
import { addressText, type Client } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import type { RunContext } from '../run-context.ts';
import { onlyProfile } from '../sign-in/choice.ts';
import { unlockWithPassword } from '../sign-in/unlock.ts';
import { unlessStopped } from '../stop.ts';
import { printLine } from '../terminal/print-line.ts';
import { asCommandError } from '../text/error-sentence.ts';
import { grouped } from '../text/fingerprint.ts';
import { oneShot } from './one-shot.ts';
import { json } from './operands.ts';
import { listedProfiles, readToEnd } from './session.ts';
import { until } from './until.ts';
import { withPrompt } from './with-prompt.ts';

/** How long the command waits until all rooms have the new key. */
const renewalTimeoutMs = 60_000;

/** Reads all rooms to the end, because keys that are on their way to the key before are lost with it. */
async function readAll(client: Client, context: RunContext): Promise<void> {
  await unlessStopped(context.stop.signal, client.connect());
  for (const room of client.rooms()) if (!room.removed) await readToEnd(client, room, context);
}

async function giveToRooms(client: Client, context: RunContext): Promise<void> {
  await unlessStopped(context.stop.signal, client.connect());
  const isDone = await until(client, () => !client.isRenewingKey, {
    clock: context.clock,
    timeoutMs: renewalTimeoutMs,
  });
  if (isDone) return;
  throw new CommandError(
    'timed-out',
    'Your identity key is renewed at the server, but not in all of your rooms yet: the next start of chat goes on.',
  );
}

async function closing<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** The command `chat renew-key`. */
export const renewKey = oneShot(
  {
    summary:
      'Replace your identity key by a new one, which the old one signs: users who have verified you keep you verified. Do it now and then, and when a copy of the old key may be elsewhere. End other runs of chat before.',
    operands: {},
    options: { json },
  },
  async (request, context) => {
    const { profiles, settings } = context;
    const profile = onlyProfile(await listedProfiles(context), settings);
    const { client: before, password } = await withPrompt(context, (prompt) =>
      unlockWithPassword(profile, { profiles, settings, prompt }),
    );
    try {
      await closing(before, (client) => readAll(client, context));
      const client = await profiles.renewIdentity(profile, password);
      await closing(client, (renewed) => giveToRooms(renewed, context));
      const { user, fingerprint } = client;
      if (request.json) context.stdout.write(`${safeJson({ user, fingerprint })}\n`);
      else {
        printLine(context.stdout, `Your identity key is renewed. Its fingerprint:\n${grouped(fingerprint, '  ')}`);
      }
    } catch (error) {
      throw asCommandError(error, { server: addressText(profile), user: profile.user });
    }
  },
);
