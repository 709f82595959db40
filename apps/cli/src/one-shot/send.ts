/** `chat send` and `chat msg`: one message, and the end when the server has it. */
import { userName } from '@chat/protocol';
import { z } from 'zod';
import { requireOther } from '../other-person.ts';
import { personSign } from '../screen/title.ts';
import { deliver, messageFrom } from './delivery.ts';
import { oneShot } from './one-shot.ts';
import { flag, json, roomWord, seconds } from './request.ts';
import { joinedRoom, withClient } from './session.ts';

const options = { ...json, timeout: { type: 'string' } } as const;

const text = { text: z.string().default('-'), json: flag, timeout: seconds.default(30_000) };

export const send = oneShot({
  usage: 'send ROOM [TEXT] [--timeout SECONDS] [--json]',
  summary: 'send one message; without TEXT, or with -, what comes on stdin',
  words: ['room', 'text?'],
  options,
  request: z.object({ room: roomWord, ...text }),
  async run({ room, timeout, ...request }, around) {
    const message = await messageFrom(request.text, around);
    const { seq } = await withClient(around, { room }, (client) =>
      deliver(client, joinedRoom(client, room), message, timeout, around),
    );
    if (request.json) around.stdout.write(`${JSON.stringify({ room, seq })}\n`);
  },
});

export const message = oneShot({
  usage: 'msg USER [TEXT] [--timeout SECONDS] [--json]',
  summary: 'send one message to one person, who need not be online; the conversation is opened if need be',
  words: ['user', 'text?'],
  options,
  request: z.object({ user: userName, ...text }),
  async run({ user, timeout, ...request }, around) {
    const content = await messageFrom(request.text, around);
    const room = `${personSign}${user}`;
    const { seq } = await withClient(around, { room, person: user }, async (client) => {
      requireOther(client, user);
      return deliver(client, await client.openDirect(user), content, timeout, around);
    });
    if (request.json) around.stdout.write(`${JSON.stringify({ room, seq })}\n`);
  },
});
