/** `chat search`: the messages on this machine that have some words. */
import type { HitPlace, MessageHit, MessageSearchOptions } from '@chat/client';
import { safeJson } from '@chat/safe-text';
import { z } from 'zod';
import type { Client } from '../../client-surface.ts';
import { CommandError } from '../../command-error.ts';
import type { RunContext } from '../../run-context.ts';
import { messageText } from '../../screen/message-text.ts';
import { paletteFor } from '../../screen/palette.ts';
import { noNotes, type Scene } from '../../screen/scene.ts';
import { printLine } from '../../terminal/print-line.ts';
import { timeFrom } from '../../text/date.ts';
import { noHits } from '../../text/no-hits.ts';
import { titleOf } from '../../text/room-title.ts';
import { timeOfDay } from '../../text/time.ts';
import { jsonHit } from '../json-event.ts';
import { oneShot } from '../one-shot.ts';
import { json, messageLimit, room, user } from '../operands.ts';
import { joinedRoom, requireUndamaged, withProfile } from '../session.ts';

const date = z.string().transform((text, context) => {
  const time = timeFrom(text);
  if (time !== null) return time;
  context.addIssue({ code: 'custom', message: 'it is no date' });
  return z.NEVER;
});

/** Returns the text of a hit, with the title of its room. */
function hitText(client: Client, { clock, settings, stdout }: RunContext): (hit: MessageHit, title: string) => string {
  const now = clock.now();
  const scene: Scene = {
    palette: paletteFor(stdout, settings.colours),
    now,
    time: (at) => timeOfDay(at, now),
    me: client.user,
    currentRoom: null,
    title: (roomName) => roomName,
    lookAlike: () => null,
    ...noNotes,
  };
  return (hit, title) => `[${title}] ${messageText(scene, hit)}`;
}

/** How many hits are read at once. */
const hitsOfPage = 200;

/** What is printed. */
interface Printed {
  readonly wanted: Omit<MessageSearchOptions, 'after' | 'limit'>;
  /** The most hits. */
  readonly limit: number;
  readonly json: boolean;
}

/** Prints hits as they are found, page by page. Returns how many, and whether there are more. */
async function printHits(client: Client, { wanted, limit, json: isJson }: Printed, context: RunContext) {
  const { stdout, stop } = context;
  const titles = new Map(client.rooms().map((view) => [view.roomId, titleOf(view)]));
  const textOf = hitText(client, context);
  let count = 0;
  let after: HitPlace | undefined;
  do {
    const page = await client.messages.search({ ...wanted, after, limit: Math.min(hitsOfPage, limit - count) });
    // The reader has ended, or the user.
    if (stop.signal.aborted) break;
    for (const hit of page.hits) {
      const title = titles.get(hit.roomId) ?? titleOf({ roomName: hit.roomName, peer: null });
      // JSON is for programs: a line stays one line.
      if (isJson) stdout.write(`${safeJson(jsonHit(title, hit, client.user))}\n`);
      else printLine(stdout, textOf(hit, title));
    }
    count += page.hits.length;
    after = page.next ?? undefined;
  } while (after !== undefined && count < limit);
  return { count, hasMore: after !== undefined };
}

/** The command `chat search`. */
export const search = oneShot(
  {
    summary:
      'Print the messages on this machine that have all words, the latest first. Needs no connection. begin* stands for all words with this beginning, words in "quotation marks" follow each other; with --from, the words may be missing.',
    operands: {
      words: {
        value: 'WORDS',
        takes: 'words, quoted for the shell if there are several',
        schema: z.string(),
        optional: true,
      },
    },
    options: {
      room: { ...room, help: 'Only messages in this room.' },
      from: { ...user, help: 'Only messages of this author.' },
      before: {
        value: 'DATE',
        takes: 'a date like 2026-11-30, or a time like 2026-11-30T14:03 (with Z: of UTC)',
        schema: date,
        help: 'Only messages from before this day or time.',
      },
      limit: messageLimit(1, 100_000),
      json,
    },
  },
  async (request, context) => {
    const { words = '', from, before } = request;
    if (words.trim() === '' && from === undefined) {
      throw new CommandError('usage', 'Words to look for are missing. See "chat search --help".');
    }
    const about = request.room === undefined ? {} : { room: request.room };
    await withProfile(context, about, async (client) => {
      const room = request.room === undefined ? null : joinedRoom(client, request.room);
      const wanted = { words, user: from, before, roomName: room?.roomName };
      const { limit, json: isJson } = request;
      const { count, hasMore } = await printHits(client, { wanted, limit, json: isJson }, context);
      requireUndamaged(client);
      if (isJson || context.stop.signal.aborted) return;
      const title = room === null ? undefined : titleOf(room);
      if (count === 0) printLine(context.stderr, noHits({ words, title, user: from, before }, context.clock.now()));
      if (hasMore) printLine(context.stderr, 'There are earlier ones too: --limit N prints up to N.');
    });
  },
);
