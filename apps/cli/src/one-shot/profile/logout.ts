/** `chat logout`: erases a profile of this machine. */
import type { Stored } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';
import { addressText, profileText } from '../../client-surface.ts';
import { onlyProfile } from '../../sign-in/choice.ts';
import { printLine } from '../../terminal/print-line.ts';
import { asCommandError } from '../../text/error-sentence.ts';
import { titleOf } from '../../text/room-title.ts';
import { oneShot } from '../one-shot.ts';
import { listedProfiles } from '../session.ts';
import { withPrompt } from '../with-prompt.ts';
import { confirmed, yes } from './confirmed.ts';
import { contentOf } from './content.ts';

function lossOf(content: Stored | null): string {
  if (content === null) return 'You stay a member of its rooms, and messages that wait to be sent are lost.';
  const rooms = Object.values(content.rooms);
  const titles = rooms.map(({ name, peer }) => titleOf({ roomName: name, peer: peer ?? null })).sort();
  const unsent = rooms.reduce((sum, { outbox }) => sum + outbox.length, 0);
  return [
    titles.length === 0 ? 'You are in no room.' : `You stay a member of your rooms: ${titles.join(', ')}.`,
    ...(unsent === 0 ? [] : [`${unsent} of your messages wait to be sent, and are lost.`]),
  ].join(' ');
}

/** The command `chat logout`. */
export const logout = oneShot(
  {
    summary:
      'Erase a profile of this machine: its identity key, keys of rooms, and messages. It asks before. End other runs of chat before. Needs no connection and no password; with the password it names your rooms.',
    operands: {},
    options: { yes },
  },
  async (request, context) => {
    const { profiles, settings, stderr, stdout } = context;
    const profile = onlyProfile(await listedProfiles(context), settings);
    const { user } = profile;
    if (!request.yes) {
      const content = await withPrompt(context, (prompt) => contentOf(profile, context, prompt));
      printLine(
        stderr,
        [
          `This erases the profile ${profileText(profile)} of this machine. ${lossOf(content)}`,
          `Their members go on to encrypt for you: leave them before, with "chat leave ROOM". The name ${user} stays yours at the server, and without`,
          `the identity key you cannot use it again, nor can another user: to move, use "chat export" in place of this.`,
        ].join('\n'),
      );
    }
    await confirmed(context, { isGiven: request.yes, question: 'Erase it?' });
    const linked = await profiles.eraseProfile(profile).catch((error: unknown) => {
      throw asCommandError(error, { server: addressText(profile), user });
    });
    for (const place of linked) {
      printLine(
        stderr,
        `A link in the profile led to ${sanitiseLine(place)}, which was not erased: delete it yourself.`,
      );
    }
    printLine(
      stdout,
      `The profile ${profileText(profile)} is erased. The name ${user} stays taken at the server, and is still a member of its rooms.`,
    );
  },
);
