/** `chat edit`, `chat delete`, `chat react` and `chat hide`: say something about an earlier message, and wait until the server has it. */
import { z } from 'zod';
import type { RunContext } from '../../run-context.ts';
import { emojiNames, emojiOf } from '../../text/emoji.ts';
import { deliver, messageFrom, type Say } from '../delivery.ts';
import { oneShot } from '../one-shot.ts';
import { json, messageNumber, room, text, timeout } from '../operands.ts';
import { joinedRoom, withClient } from '../session.ts';

const number = messageNumber;
const options = { timeout, json } as const;

/** What each of these commands has on its command line. */
interface Change {
  readonly room: string;
  readonly timeout: number;
  readonly json: boolean;
}

async function sayIn(context: RunContext, change: Change, say: Say): Promise<void> {
  const { seq } = await withClient(context, { room: change.room }, (client) =>
    deliver(client, { view: joinedRoom(client, change.room), say, timeoutMs: change.timeout }, context),
  );
  if (change.json) context.stdout.write(`${JSON.stringify({ room: change.room, seq })}\n`);
}

/** The command `chat edit`. */
export const edit = oneShot(
  {
    summary:
      'Replace the text of a message of yours. Without TEXT, or with -, the new text is what comes on standard input.',
    operands: { room, number, text },
    options,
  },
  async (request, context) => {
    const content = await messageFrom(request.text ?? '-', context);
    await sayIn(context, request, ({ messages }, roomName) => messages.edit(roomName, request.number, content));
  },
);

/** The command `chat delete`. */
export const remove = oneShot(
  {
    summary:
      'Delete a message of yours. Clients of the members erase its text from their files; a member may have kept it.',
    operands: { room, number },
    options,
  },
  (request, context) => sayIn(context, request, ({ messages }, roomName) => messages.delete(roomName, request.number)),
);

const reaction = z.string().transform((word, context) => {
  const found = emojiOf(word.trim());
  if (found !== null && found !== '') return found;
  context.addIssue('no reaction');
  return z.NEVER;
});

/** The command `chat react`. */
export const react = oneShot(
  {
    summary: 'React to a message, in place of your reaction before. Without EMOJI, withdraw your reaction.',
    operands: {
      room,
      number,
      emoji: {
        value: 'EMOJI',
        takes: `an emoji, a short word, or one of ${emojiNames.map((name) => `:${name}:`).join(' ')}`,
        schema: reaction,
        optional: true,
      },
    },
    options,
  },
  (request, context) =>
    sayIn(context, request, ({ messages }, roomName) =>
      messages.react(roomName, request.number, request.emoji ?? null),
    ),
);

/** The command `chat hide`. */
export const hide = oneShot(
  {
    summary: 'Hide a message of any member for all, as the owner or a moderator of the room.',
    operands: { room, number },
    options,
  },
  (request, context) => sayIn(context, request, ({ messages }, roomName) => messages.hide(roomName, request.number)),
);
