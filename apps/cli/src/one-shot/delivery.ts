/** One message for a script: where its text comes from, and until when it counts as not sent. */
import { text as readAll } from 'node:stream/consumers';
import type { RoomView } from '@chat/client';
import type { Client } from '../client-surface.ts';
import { Failure } from '../command-error.ts';
import { isDeserted } from '../room-policy.ts';
import type { Surroundings } from '../run-context.ts';
import { titleOf } from '../screen/title.ts';
import { unlessStopped } from '../stop.ts';
import { maySpeak } from './session.ts';
import { until } from './until.ts';

/** The text itself, or for `-` all of stdin without its final line end. Fails with `usage`, `nothing-to-send`. */
export async function messageFrom(text: string, { stdin, stop }: Surroundings): Promise<string> {
  if (text === '-' && stdin.isTTY) {
    throw new Failure('usage', 'There is nothing to send: give the text, or pipe it in.');
  }
  const message = text === '-' ? (await unlessStopped(stop.signal, readAll(stdin))).replace(/\r?\n$/, '') : text;
  if (message === '') throw new Failure('nothing-to-send', 'The text is empty: nothing was sent.');
  return message;
}

/**
 * Resolves when the server has the message. Nothing is put into the outbox before it can be sent, so that "not sent" stays
 * true afterwards. Fails with `not-sent`, `nobody-there`, `not-confirmed`.
 */
export async function deliver(
  client: Client,
  view: RoomView,
  message: string,
  timeoutMs: number,
  { clock }: Surroundings,
): Promise<{ readonly seq: number }> {
  const { roomName: name } = view;
  const start = clock.now();
  const isDecided = () => maySpeak(client.room(name)) || client.room(name)?.removed === true;
  if (!(await until(client, isDecided, { clock, timeoutMs }))) {
    throw new Failure(
      'not-sent',
      `Nothing was sent: the key of ${titleOf(view)} was not here within ${timeoutMs / 1000} seconds. It comes when a member who has it is online.`,
    );
  }
  // Only now that the log was read is it known who is there.
  const now = client.room(name);
  if (now !== null && isDeserted(now)) {
    const title = titleOf(view);
    throw new Failure('nobody-there', `Nothing was sent: ${title} has left; "chat msg" invites them again.`);
  }
  const left = Math.max(1, start + timeoutMs - clock.now());
  const late = new Failure(
    'not-confirmed',
    `The server did not confirm the message within ${timeoutMs / 1000} seconds: it waits in the outbox and is sent on the next start.`,
  );
  return new Promise<{ seq: number }>((resolve, reject) => {
    const cancel = clock.after(left, () => reject(late));
    client.send(name, message).then(resolve, reject).finally(cancel);
  });
}
