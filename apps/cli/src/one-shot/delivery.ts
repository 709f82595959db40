/** One message of a script: where its text comes from, and how long it may take. */
import { text as readAll } from 'node:stream/consumers';
import type { RoomView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { Client } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import type { RunContext } from '../run-context.ts';
import { unlessStopped } from '../stop.ts';
import { isDeserted } from '../text/room-policy.ts';
import { titleOf } from '../text/room-title.ts';
import { canSend } from './session.ts';
import { until } from './until.ts';

/**
 * Returns the text; for `-` all of standard input without its final line end.
 *
 * @throws CommandError `usage`, `nothing-to-send`
 */
export async function messageFrom(text: string, { stdin, stop }: RunContext): Promise<string> {
  if (text === '-' && stdin.isTTY) {
    throw new CommandError('usage', 'There is nothing to send: give the text, or pipe it to standard input.');
  }
  const message = text === '-' ? (await unlessStopped(stop.signal, readAll(stdin))).replace(/\r?\n$/, '') : text;
  if (message === '') throw new CommandError('nothing-to-send', 'Nothing was sent, because the text is empty.');
  return message;
}

/** Hands a message to the client. Resolves with its position when it is on the log. */
export type Say = (client: Client, roomName: RoomName) => Promise<{ readonly seq: number }>;

/** A message to send, with its room and its time limit. */
export interface Delivery {
  /** The joined room. */
  readonly view: RoomView;
  readonly say: Say;
  /** How long to wait for the room key and for the server. */
  readonly timeoutMs: number;
}

/** Returns what becomes of a message that is not on the log in time. A program that has the profile and is stopped may not have got it. */
const fateOf = (view: RoomView | null): string =>
  view !== null && view.unsent > 0
    ? 'It is in the outbox, and is sent by the chat that runs or at the next start.'
    : 'It may be sent or not: look whether it arrives before you send it again.';

/**
 * Resolves when the server has the message. The message enters the outbox only when it can be sent, so that "not sent" stays
 * true afterwards.
 *
 * @throws CommandError `not-sent`, `nobody-there`, `not-confirmed`
 */
export async function deliver(
  client: Client,
  { view, say, timeoutMs }: Delivery,
  { clock }: RunContext,
): Promise<{ readonly seq: number }> {
  const { roomName } = view;
  const start = clock.now();
  const isDecided = () => canSend(client.room(roomName)) || client.room(roomName)?.removed === true;
  if (!(await until(client, isDecided, { clock, timeoutMs }))) {
    throw new CommandError(
      'not-sent',
      `Nothing was sent: the key of ${titleOf(view)} did not arrive within ${timeoutMs / 1000} seconds. If no member has wrapped it for you, the client asks the members that are online: try again later.`,
    );
  }
  // The members are known only after the log has been read.
  const current = client.room(roomName);
  if (current !== null && isDeserted(current)) {
    const title = titleOf(view);
    throw new CommandError(
      'nobody-there',
      `Nothing was sent: the other user has left ${title}. "chat msg" invites them again.`,
    );
  }
  const remainingMs = Math.max(1, start + timeoutMs - clock.now());
  const late = () =>
    new CommandError(
      'not-confirmed',
      `The server did not confirm the message within ${timeoutMs / 1000} seconds. ${fateOf(client.room(roomName))}`,
    );
  return new Promise<{ seq: number }>((resolve, reject) => {
    const cancel = clock.after(remainingMs, () => reject(late()));
    say(client, roomName).then(resolve, reject).finally(cancel);
  });
}
