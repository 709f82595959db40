/** `chat rooms`, `create`, `join`, `leave` and `members`: what the slash commands do, for scripts. */
import { roomName } from '@chat/protocol';
import { z } from 'zod';
import { Failure } from '../failure.ts';
import { memberList, roomList } from '../screen/lists.ts';
import { safeJson } from '../screen/sanitise.ts';
import { unlessStopped } from '../stop.ts';
import { oneShot } from './one-shot.ts';
import { flag } from './request.ts';
import { isCaughtUp, withClient } from './session.ts';
import { until } from './until.ts';

const json = { json: { type: 'boolean' } } as const;

/** How long reading a room's log may take, in milliseconds. */
const catchUpWithin = 30_000;

export const rooms = oneShot({
  usage: 'rooms [--json]',
  summary: 'list the open rooms of the server; + those that you have joined',
  words: [],
  options: json,
  request: z.object({ json: flag }),
  run: (request, around) =>
    withClient(around, null, async (client) => {
      const list = await unlessStopped(around.stop.signal, client.listRooms());
      const lines = request.json ? list.map(safeJson) : [roomList(list, null)];
      for (const line of lines) around.stdout.write(`${line}\n`);
    }),
});

const oneRoom = z.object({ room: roomName });

export const create = oneShot({
  usage: 'create ROOM',
  summary: 'create a room',
  words: ['room'],
  options: {},
  request: oneRoom,
  run: ({ room }, around) =>
    withClient(around, room, async (client) => {
      await unlessStopped(around.stop.signal, client.createRoom(room));
    }),
});

export const join = oneShot({
  usage: 'join ROOM',
  summary: 'join a room; its key follows when a member who has it is online',
  words: ['room'],
  options: {},
  request: oneRoom,
  run: ({ room }, around) =>
    withClient(around, room, async (client) => {
      await unlessStopped(around.stop.signal, client.joinRoom(room));
    }),
});

export const leave = oneShot({
  usage: 'leave ROOM',
  summary: 'leave a room; the others change its key',
  words: ['room'],
  options: {},
  request: oneRoom,
  run: ({ room }, around) =>
    withClient(around, room, async (client) => {
      await unlessStopped(around.stop.signal, client.leaveRoom(room));
    }),
});

export const members = oneShot({
  usage: 'members ROOM [--json]',
  summary: 'list the members of a room that you have joined',
  words: ['room'],
  options: json,
  request: z.object({ room: roomName, json: flag }),
  run: (request, around) =>
    withClient(around, request.room, async (client) => {
      const { clock, stdout, stop } = around;
      const caughtUp = until(client, () => isCaughtUp(client.room(request.room)), { clock, timeoutMs: catchUpWithin });
      await unlessStopped(stop.signal, caughtUp);
      const view = client.room(request.room);
      if (view === null) {
        throw new Failure(
          'not-joined',
          `You are not in ${request.room}: join it first with "chat join ${request.room}".`,
        );
      }
      const lines = request.json ? view.members.map(safeJson) : [memberList(view.members)];
      for (const line of lines) stdout.write(`${line}\n`);
    }),
});
