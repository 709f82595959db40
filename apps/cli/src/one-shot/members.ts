/** `chat invite`, `knocks`, `dismiss`, `remove`, `role` and `verify`: what the slash commands on other users do, for scripts. */
import { type RoomName, role, type UserName } from '@chat/protocol';
import { safeJson } from '@chat/safe-text';
import { z } from 'zod';
import type { Client } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import { requireOtherUser } from '../other-user.ts';
import { knockList } from '../screen/lists.ts';
import { printLine } from '../terminal/print-line.ts';
import { safetyNumberRows } from '../text/safety-number.ts';
import { oneShot } from './one-shot.ts';
import { json, room, user } from './operands.ts';
import { printList } from './print-list.ts';
import { withClient, withRoom } from './session.ts';

type Act = (client: Client, roomName: RoomName, other: UserName) => Promise<unknown>;

/** A command on a room and a user, which prints nothing. */
const onUser = (summary: string, act: Act) =>
  oneShot({ summary, operands: { room, user }, options: {} }, async (request, context) => {
    const about = { room: request.room, otherUser: request.user };
    await withRoom(context, about, (client, { roomName }) => act(client, roomName, request.user));
  });

/** The command `chat invite`. */
export const invite = onUser(
  'Invite a user into a room, also one who asks for it. They can read messages from then on, even if they join later.',
  (client, roomName, other) => client.invite(roomName, other),
);

/** The command `chat knocks`. */
export const knocks = oneShot(
  {
    summary: 'List the users who ask to be invited into a room that you have joined.',
    operands: { room },
    options: { json },
  },
  (request, context) =>
    withRoom(context, { room: request.room }, async (client, { roomName }) => {
      const { blocked } = client.attention.settings;
      const list = (await client.knocks(roomName)).filter(({ user }) => !blocked.includes(user));
      printList(context, { json: request.json, list, text: knockList(list) });
    }),
);

/** The command `chat dismiss`. */
export const dismiss = onUser(
  'Dismiss the request of a user to be invited into a room. They can ask again after a day; the members see who dismissed it.',
  (client, roomName, other) => client.dismissKnock(roomName, other),
);

/** The command `chat remove`. */
export const remove = onUser(
  'Remove a member from a room, or withdraw an invitation. They cannot read later messages.',
  (client, roomName, other) => client.removeMember(roomName, other),
);

/** The command `chat role`. */
export const giveRole = oneShot(
  {
    summary: 'Give a member a role in a room. The role member allows a removed user to join again.',
    operands: {
      room,
      user,
      role: { value: 'ROLE', takes: `one of ${role.options.join(', ')}`, schema: role },
    },
    options: {},
  },
  (request, context) =>
    withRoom(context, { room: request.room, otherUser: request.user }, (client, { roomName }) =>
      client.giveRole(roomName, request.user, request.role),
    ),
);

const digits = (number: string): string => number.replace(/\s/g, '');

/** The command `chat verify`. */
export const verify = oneShot(
  {
    summary:
      'Print the safety number of you and another user. With the NUMBER that they see, mark them as verified if it is the same.',
    operands: {
      user,
      number: {
        value: 'NUMBER',
        takes: 'twelve groups of five digits, in quotes',
        schema: z.string().regex(/^(\d{5}\s*){12}$/),
        optional: true,
      },
    },
    options: { json },
  },
  (request, context) =>
    withClient(context, { otherUser: request.user }, async (client) => {
      const { user: name, number } = request;
      requireOtherUser(client, name);
      const own = await client.safetyNumber(name);
      if (number !== undefined && digits(number) !== digits(own.number)) {
        throw new CommandError(
          'other-safety-number',
          `That is not the safety number of you and ${name}. Check the digits. If they are right, an attacker is between you: send ${name} nothing secret here.`,
        );
      }
      if (number !== undefined) await client.verify(name, own.fingerprint);
      const verified = own.verified || number !== undefined;
      if (request.json) context.stdout.write(`${safeJson({ user: name, ...own, verified })}\n`);
      else if (number === undefined) printLine(context.stdout, safetyNumberRows(own.number, ''));
    }),
);
