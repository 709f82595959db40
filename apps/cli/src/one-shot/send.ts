/** `chat send` and `chat msg`: send one message and wait until the server has it. */
import { requireOtherUser } from '../other-user.ts';
import { userSign } from '../text/room-title.ts';
import { deliver, messageFrom, type Say } from './delivery.ts';
import { path, sendFile } from './messages/files.ts';
import { oneShot } from './one-shot.ts';
import { json, messageNumber, room, text, timeout, user } from './operands.ts';
import { joinedRoom, withClient } from './session.ts';

const replyTo = { ...messageNumber, help: 'Answer the message with this number: its field seq in JSON.' } as const;

const file = {
  ...path,
  help: 'Send this file, of up to 1 GiB. Its transfer has no time limit, and goes on at the next start if it is cut off.',
} as const;

/** The command `chat send`. */
export const send = oneShot(
  {
    summary:
      'Send one message to a room. Without TEXT, or with -, send what comes on standard input. With --file, send a file, and TEXT says something about it.',
    operands: { room, text },
    options: { 'reply-to': replyTo, file, timeout, json },
  },
  async (request, context) => {
    if (request.file !== undefined) return sendFile({ ...request, file: request.file }, context);
    const content = await messageFrom(request.text ?? '-', context);
    const say: Say = (client, roomName) => client.send(roomName, content, { replyTo: request['reply-to'] });
    const { seq } = await withClient(context, { room: request.room }, (client) =>
      deliver(client, { view: joinedRoom(client, request.room), say, timeoutMs: request.timeout }, context),
    );
    if (request.json) context.stdout.write(`${JSON.stringify({ room: request.room, seq })}\n`);
  },
);

/** The command `chat msg`. */
export const message = oneShot(
  {
    summary: 'Send one message to a user in your direct room, which is opened if needed. They need not be online.',
    operands: { user, text },
    options: { timeout, json },
  },
  async (request, context) => {
    const content = await messageFrom(request.text ?? '-', context);
    const say: Say = (client, roomName) => client.send(roomName, content);
    const title = `${userSign}${request.user}`;
    const { seq } = await withClient(context, { room: title, otherUser: request.user }, async (client) => {
      requireOtherUser(client, request.user);
      const view = await client.openDirect(request.user);
      return deliver(client, { view, say, timeoutMs: request.timeout }, context);
    });
    if (request.json) context.stdout.write(`${JSON.stringify({ room: title, seq })}\n`);
  },
);
