/** `chat rooms`, `create`, `join`, `knock`, `invitations`, `decline`, `leave` and `members`: what the slash commands do, for scripts. */
import type { RoomView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import { z } from 'zod';
import type { Client } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import { declineTitle } from '../decline-title.ts';
import { requireOtherUser } from '../other-user.ts';
import { invitationList, memberList, roomList, storedRooms, withRead } from '../screen/lists.ts';
import { policyFrom, policyHint, policyWords } from '../text/room-policy.ts';
import { titleOf, userSign } from '../text/room-title.ts';
import { jsonInvitation } from './json-event.ts';
import { oneShot } from './one-shot.ts';
import { json, namedRoom, room } from './operands.ts';
import { printList } from './print-list.ts';
import { joinedRoom, readToEnd, withClient, withStored } from './session.ts';
import { until } from './until.ts';

/** How long `chat rooms` waits until the logs are read, so that what was said meanwhile counts. */
const catchUpTimeoutMs = 10_000;

const isRead = ({ caughtUp, removed, denied, left }: RoomView): boolean => caughtUp || removed || denied || left;

/** The command `chat rooms`. */
export const rooms = oneShot(
  {
    summary:
      'List the open rooms of the server and your own rooms, with the number of unread messages. A + marks those that you have joined. Without a connection, your own rooms.',
    operands: {},
    options: {
      unread: { value: null, help: 'List only rooms with unread messages.' },
      json,
    },
  },
  (request, context) =>
    withStored(context, {}, async (client) => {
      const { clock } = context;
      // Of a room whose log does not come in time, what was read before counts.
      if (client.online)
        await until(client, () => client.rooms().every(isRead), { clock, timeoutMs: catchUpTimeoutMs });
      const listed = client.online ? await client.listRooms() : storedRooms(client.rooms());
      const all = listed.map((room) => withRead(room, client.room(room.name)));
      const list = request.unread ? all.filter(({ unread }) => (unread?.count ?? 0) > 0) : all;
      const title = (roomName: RoomName) => titleOf(client.room(roomName) ?? { roomName, peer: null });
      const text =
        request.unread && list.length === 0
          ? 'There are no unread messages.'
          : roomList(list, { currentRoom: null, titleOf: title, now: clock.now() });
      const titled = list.map(({ name, ...room }) => ({ name, title: title(name), ...room }));
      printList(context, { json: request.json, list: titled, text });
    }),
);

const policyWord = {
  value: 'POLICY',
  takes: 'open, invite, verified or all, each at most once',
  schema: z.enum(policyWords),
  optional: true,
} as const;

/** The command `chat create`. */
export const create = oneShot(
  {
    summary: `Create a room. ${policyHint}`,
    operands: {
      room: namedRoom,
      first: policyWord,
      second: policyWord,
    },
    options: {},
  },
  async (request, context) => {
    const policy = policyFrom([request.first, request.second].filter((word) => word !== undefined));
    if (policy === null) {
      throw new CommandError('usage', 'The words after the name make no room policy. See "chat create --help".');
    }
    await withClient(context, { room: request.room }, (client) => client.createRoom(request.room, policy));
  },
);

/** Joins a room. A direct room is opened if it does not exist. */
function joinRoom(client: Client, title: string): Promise<RoomView> {
  if (!title.startsWith(userSign)) return client.joinRoom(title);
  const user = title.slice(userSign.length);
  requireOtherUser(client, user);
  return client.openDirect(user);
}

/** The command `chat join`. */
export const join = oneShot(
  {
    summary:
      'Join a room. The client has its key at once if a member has wrapped it for you, and otherwise asks the members that are online.',
    operands: { room },
    options: {},
  },
  async (request, context) => {
    await withClient(context, { room: request.room }, (client) => joinRoom(client, request.room));
  },
);

/** The command `chat knock`. */
export const knock = oneShot(
  {
    summary: 'Ask the members of a room to invite you. Once one has, any later start of the client begins the join.',
    operands: { room: namedRoom },
    options: {},
  },
  (request, context) => withClient(context, { room: request.room }, (client) => client.knock(request.room)),
);

/** The command `chat invitations`. */
export const invitations = oneShot(
  {
    summary: 'List your invitations to rooms and direct rooms.',
    operands: {},
    options: { json },
  },
  (request, context) =>
    withClient(context, {}, async (client) => {
      const { blocked } = client.attention.settings;
      const list = (await client.invitations()).filter(({ by }) => !blocked.includes(by));
      printList(context, { json: request.json, list: list.map(jsonInvitation), text: invitationList(list) });
    }),
);

/** The command `chat decline`. */
export const decline = oneShot(
  {
    summary: 'Decline an invitation, to a room or with @USER to a direct room. The members see that you do.',
    operands: { room },
    options: {},
  },
  (request, context) => withClient(context, { room: request.room }, (client) => declineTitle(client, request.room)),
);

/** The command `chat leave`. */
export const leave = oneShot(
  {
    summary: 'Leave a room, and erase its messages and keys on this machine. The other members change its key.',
    operands: { room },
    options: {},
  },
  (request, context) =>
    withClient(context, { room: request.room }, (client) =>
      client.leaveRoom(joinedRoom(client, request.room).roomName),
    ),
);

/** The command `chat members`. */
export const members = oneShot(
  {
    summary: 'List the members of a room that you have joined, and the users who are invited to it.',
    operands: { room },
    options: { json },
  },
  (request, context) =>
    withStored(context, { room: request.room }, async (client) => {
      if (client.online) await readToEnd(client, joinedRoom(client, request.room), context);
      const view = joinedRoom(client, request.room);
      const invited = view.invited.map((identity) => ({ ...identity, role: 'invited' }));
      printList(context, {
        json: request.json,
        list: [...view.members, ...invited],
        text: memberList(view, context.clock.now()),
      });
    }),
);
