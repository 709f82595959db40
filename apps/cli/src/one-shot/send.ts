/** `chat send` and `chat msg`: send one message and wait until the server has it. */
import { z } from 'zod';
import { requireOtherUser } from '../other-user.ts';
import { userSign } from '../text/room-title.ts';
import { deliver, messageFrom } from './delivery.ts';
import { oneShot } from './one-shot.ts';
import { json, room, timeout, user } from './operands.ts';
import { joinedRoom, withClient } from './session.ts';

const text = {
  value: 'TEXT',
  takes: 'a text; without it, or with -, the text comes from standard input',
  schema: z.string(),
  optional: true,
} as const;

const replyTo = {
  value: 'NUMBER',
  takes: 'the number of a message',
  schema: z
    .string()
    .regex(/^#?\d{1,15}$/)
    .transform((text) => Number(text.replace('#', ''))),
  help: 'Answer the message with this number: its field seq in JSON.',
} as const;

/** The command `chat send`. */
export const send = oneShot(
  {
    summary: 'Send one message to a room. Without TEXT, or with -, send what comes on standard input.',
    operands: { room, text },
    options: { 'reply-to': replyTo, timeout, json },
  },
  async (request, context) => {
    const message = await messageFrom(request.text ?? '-', context);
    const { seq } = await withClient(context, { room: request.room }, (client) =>
      deliver(
        client,
        {
          view: joinedRoom(client, request.room),
          message,
          replyTo: request['reply-to'],
          timeoutMs: request.timeout,
        },
        context,
      ),
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
    const title = `${userSign}${request.user}`;
    const { seq } = await withClient(context, { room: title, otherUser: request.user }, async (client) => {
      requireOtherUser(client, request.user);
      const view = await client.openDirect(request.user);
      return deliver(client, { view, message: content, timeoutMs: request.timeout }, context);
    });
    if (request.json) context.stdout.write(`${JSON.stringify({ room: title, seq })}\n`);
  },
);
