/** `chat keep`: which messages are kept on this machine. */
import type { Retention, RoomView } from '@chat/client';
import { safeJson } from '@chat/safe-text';
import { z } from 'zod';
import type { Client } from '../../client-surface.ts';
import { CommandError } from '../../command-error.ts';
import { printLine } from '../../terminal/print-line.ts';
import { retentionFrom, retentionText, roomsWithRules } from '../../text/retention.ts';
import { titleOf } from '../../text/room-title.ts';
import { oneShot } from '../one-shot.ts';
import { json, room } from '../operands.ts';
import { joinedRoom, withProfile } from '../session.ts';

const rule = z.string().transform((text, context) => {
  const found = retentionFrom(text.trim().split(/\s+/));
  if (found !== null) return found;
  context.addIssue({ code: 'custom', message: 'it is no rule' });
  return z.NEVER;
});

/** Which messages are kept, as `--json` prints it. */
interface Kept {
  /** The title of the room; null for all rooms that have no rule of their own. */
  readonly room: string | null;
  readonly keep: Retention;
  /** Whether the room has a rule of its own. */
  readonly own: boolean;
}

async function keptOf({ messages }: Client, view: RoomView | null): Promise<Kept> {
  if (view === null) return { room: null, keep: await messages.retention(), own: false };
  const { roomName } = view;
  const keep = await messages.retention(roomName);
  return { room: titleOf(view), keep, own: await messages.hasOwnRetention(roomName) };
}

const keptText = ({ room: title, keep: kept, own }: Kept): string =>
  `${retentionText(kept)}${title === null || own ? '' : ', as of all rooms without a rule of their own'}`;

/** The command `chat keep`. */
export const keep = oneShot(
  {
    summary:
      'Print or set which messages are kept on this machine. The others are erased from its files, for good, before the command ends. Needs no connection.',
    operands: {
      rule: {
        value: 'RULE',
        takes:
          'all, nothing, "N days", "N messages", or with --room default, which leaves the room without a rule of its own',
        schema: rule,
        optional: true,
      },
    },
    options: {
      room: { ...room, help: 'For this room, and not for all that have no rule of their own.' },
      json,
    },
  },
  async (request, context) => {
    const wanted = request.rule;
    if (wanted === 'default' && request.room === undefined) {
      throw new CommandError('usage', 'The rule "default" is for one room: name it with --room.');
    }
    const about = request.room === undefined ? {} : { room: request.room };
    await withProfile(context, about, async (client) => {
      const { messages } = client;
      const named = request.room === undefined ? null : joinedRoom(client, request.room);
      if (wanted !== undefined) {
        await messages.setRetention(wanted === 'default' ? null : wanted, named?.roomName);
        await messages.settled();
      }
      const others = named === null && wanted === undefined ? await roomsWithRules(client) : [];
      for (const view of [named, ...others]) {
        const kept = await keptOf(client, view);
        if (request.json) context.stdout.write(`${safeJson(kept)}\n`);
        else printLine(context.stdout, `${view === named ? '' : `${kept.room}: `}${keptText(kept)}`);
      }
    });
  },
);
