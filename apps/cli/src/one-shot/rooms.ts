/** `chat rooms`, `create`, `join`, `knock`, `invitations`, `leave` and `members`: what the slash commands do, for scripts. */
import type { RoomView } from '@chat/client';
import { roomName } from '@chat/protocol';
import { z } from 'zod';
import type { Client } from '../client-surface.ts';
import { requireOther } from '../other-person.ts';
import { policyFrom, policyHint, policyUsage } from '../room-policy.ts';
import { invitationList, memberList, roomList } from '../screen/lists.ts';
import { personSign, titleOf } from '../screen/title.ts';
import { jsonInvitation } from './json-event.ts';
import { oneShot } from './one-shot.ts';
import { printList } from './print-list.ts';
import { flag, json, roomWord } from './request.ts';
import { joinedRoom, withClient, withRoom } from './session.ts';

export const rooms = oneShot({
  usage: 'rooms [--json]',
  summary: 'list the open rooms of the server and those that you are in; + those that you have joined',
  words: [],
  options: json,
  request: z.object({ json: flag }),
  run: (request, around) =>
    withClient(around, {}, async (client) => {
      const list = await client.listRooms();
      const title = (name: string) => titleOf(client.room(name) ?? { roomName: name, peer: null });
      printList(around, request, list, roomList(list, null, title));
    }),
});

const policyWords = { kind: z.string().optional(), history: z.string().optional() };

export const create = oneShot({
  usage: `create ROOM ${policyUsage}`,
  summary: `create a room, ${policyHint}`,
  words: ['room', 'kind?', 'history?'],
  options: {},
  request: z.object({ room: roomName, ...policyWords }).transform(({ room, kind, history }, context) => {
    const policy = policyFrom([kind, history].filter((word) => word !== undefined));
    if (policy !== null) return { room, policy };
    context.addIssue({ code: 'custom', message: policyHint, path: ['kind'] });
    return z.NEVER;
  }),
  run: ({ room, policy }, around) =>
    withClient(around, { room }, async (client) => {
      await client.createRoom(room, policy);
    }),
});

/** Joining the conversation with somebody opens it, where they have not. */
function enter(client: Client, word: string): Promise<RoomView> {
  if (!word.startsWith(personSign)) return client.joinRoom(word);
  const user = word.slice(personSign.length);
  requireOther(client, user);
  return client.openDirect(user);
}

const oneRoom = z.object({ room: roomWord });

export const join = oneShot({
  usage: 'join ROOM',
  summary: 'join a room; its key follows when a member who has it is online',
  words: ['room'],
  options: {},
  request: oneRoom,
  run: ({ room }, around) =>
    withClient(around, { room }, async (client) => {
      await enter(client, room);
    }),
});

export const knock = oneShot({
  usage: 'knock ROOM',
  summary: 'ask the members of a room to be let in; once one of them does, "chat join" enters it',
  words: ['room'],
  options: {},
  request: z.object({ room: roomName }),
  run: ({ room }, around) => withClient(around, { room }, (client) => client.knock(room)),
});

export const invitations = oneShot({
  usage: 'invitations [--json]',
  summary: 'list the rooms and the people that wait for you to join',
  words: [],
  options: json,
  request: z.object({ json: flag }),
  run: (request, around) =>
    withClient(around, {}, async (client) => {
      const list = await client.invitations();
      printList(around, request, list.map(jsonInvitation), invitationList(list));
    }),
});

export const leave = oneShot({
  usage: 'leave ROOM',
  summary: 'leave a room; the others change its key',
  words: ['room'],
  options: {},
  request: oneRoom,
  run: ({ room }, around) =>
    withClient(around, { room }, (client) => client.leaveRoom(joinedRoom(client, room).roomName)),
});

export const members = oneShot({
  usage: 'members ROOM [--json]',
  summary: 'list the members of a room that you have joined, and who is invited to it',
  words: ['room'],
  options: json,
  request: z.object({ room: roomWord, json: flag }),
  run: (request, around) =>
    withRoom(around, request.room, {}, async (_, room) => {
      const invited = room.invited.map((person) => ({ ...person, role: 'invited' }));
      printList(around, request, [...room.members, ...invited], memberList(room));
    }),
});
