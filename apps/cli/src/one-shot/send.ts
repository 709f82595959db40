/** `chat send`: one message, and the end when the server has it. */

import { text as readAll } from 'node:stream/consumers';
import { roomName } from '@chat/protocol';
import { z } from 'zod';
import type { Client } from '../client-surface.ts';
import { Failure } from '../failure.ts';
import { unlessStopped } from '../stop.ts';
import type { Surroundings } from '../surroundings.ts';
import { oneShot } from './one-shot.ts';
import { flag, seconds } from './request.ts';
import { maySpeak, withClient } from './session.ts';
import { until } from './until.ts';

const request = z.object({
  room: roomName,
  text: z.string().default('-'),
  json: flag,
  timeout: seconds.default(30_000),
});

/** The text itself, or all of stdin without its final line end. */
async function messageFrom(text: string, { stdin, stop }: Surroundings): Promise<string> {
  if (text === '-' && stdin.isTTY) {
    throw new Failure('usage', 'There is nothing to send: give the text, or pipe it in.');
  }
  const message = text === '-' ? (await unlessStopped(stop.signal, readAll(stdin))).replace(/\r?\n$/, '') : text;
  if (message === '') throw new Failure('nothing-to-send', 'The text is empty: nothing was sent.');
  return message;
}

/** Nothing is put into the outbox before it can be sent, so that "not sent" stays true afterwards. */
async function deliver(client: Client, room: string, message: string, timeoutMs: number, { clock }: Surroundings) {
  if (client.room(room) === null) {
    throw new Failure(
      'not-joined',
      `You are not in ${room}, so nothing was sent: join it first with "chat join ${room}".`,
    );
  }
  const start = clock.now();
  const isDecided = () => maySpeak(client.room(room)) || client.room(room)?.removed === true;
  if (!(await until(client, isDecided, { clock, timeoutMs }))) {
    throw new Failure(
      'not-sent',
      `Nothing was sent: the key of ${room} was not here within ${timeoutMs / 1000} seconds. It comes when a member who has it is online.`,
    );
  }
  const left = Math.max(1, start + timeoutMs - clock.now());
  const late = new Failure(
    'not-confirmed',
    `The server did not confirm the message within ${timeoutMs / 1000} seconds: it waits in the outbox and is sent on the next start.`,
  );
  return new Promise<{ seq: number }>((resolve, reject) => {
    const cancel = clock.after(left, () => reject(late));
    client.send(room, message).then(resolve, reject).finally(cancel);
  });
}

export const send = oneShot({
  usage: 'send ROOM [TEXT] [--timeout SECONDS] [--json]',
  summary: 'send one message; without TEXT, or with -, what comes on stdin',
  words: ['room', 'text?'],
  options: { json: { type: 'boolean' }, timeout: { type: 'string' } },
  request,
  async run({ room, text, json, timeout }, around) {
    const message = await messageFrom(text, around);
    const { seq } = await withClient(around, room, (client) =>
      unlessStopped(around.stop.signal, deliver(client, room, message, timeout, around)),
    );
    if (json) around.stdout.write(`${JSON.stringify({ room, seq })}\n`);
  },
});
