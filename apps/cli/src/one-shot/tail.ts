/** `chat tail`: what is said in a room, as it comes. */
import type { ClientEvent, MessageView, RoomView } from '@chat/client';
import { z } from 'zod';
import type { Client } from '../client-surface.ts';
import { Failure } from '../command-error.ts';
import { RoomNotes } from '../conversation/notes.ts';
import { Shown } from '../conversation/shown.ts';
import type { Surroundings } from '../run-context.ts';
import { paletteFor } from '../screen/palette.ts';
import { present, refusal } from '../screen/present.ts';
import { safeJson } from '../screen/sanitise.ts';
import { messageLine, type Scene } from '../screen/scene.ts';
import { timeOfDay } from '../screen/time.ts';
import { titleOf } from '../screen/title.ts';
import { jsonEvent, jsonMessage, type NamedRoom } from './json-event.ts';
import { oneShot } from './one-shot.ts';
import { flag, roomWord } from './request.ts';
import { joinedRoom, readToItsEnd, untilStopped } from './session.ts';

const request = z.object({
  room: roomWord,
  json: flag,
  follow: z.boolean().default(true),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'it is a number from 0 to 100')
    .transform(Number)
    .refine((n) => n <= 100, 'it is a number from 0 to 100')
    .default(20),
});
type Request = z.infer<typeof request>;

/** How messages and events are written; null for what is not shown. */
interface Format {
  message(message: MessageView): string;
  event(event: ClientEvent): string | null;
}

function jsonFormat(room: NamedRoom, me: string): Format {
  return {
    message: (message) => safeJson(jsonMessage(room.title, message, me)),
    event: (event) => {
      const line = jsonEvent(room, event);
      return line === null ? null : safeJson(line);
    },
  };
}

function textFormat(
  { roomId: room, name, title }: NamedRoom & Pick<RoomView, 'roomId'>,
  me: string,
  around: Surroundings,
): Format {
  const { clock, settings, stdout } = around;
  const palette = paletteFor(stdout, settings.colours);
  const notes = new RoomNotes();
  const scene = (): Scene => {
    const now = clock.now();
    return { palette, now, time: (at) => timeOfDay(at, now), me, room: name, title: () => title, ...notes.of(room) };
  };
  return {
    message: ({ user, at, text }) => messageLine(scene(), user, at, text),
    event: (event) => {
      notes.take(event);
      return isOf(name, event) && isSaid(event) ? present(event, scene()) : null;
    },
  };
}

const isOf = (room: string, event: ClientEvent): boolean => !('roomName' in event) || event.roomName === room;

/** Without `--json` only what was said is printed, and what must not be overlooked. */
function isSaid(event: ClientEvent): boolean {
  if (event.kind === 'room') return ['message', 'unreadable', 'violation'].includes(event.event.kind);
  return event.kind === 'identity-changed';
}

async function follow(
  client: Client,
  { follow: on, limit, json, ...request }: Request,
  around: Surroundings,
): Promise<void> {
  const { stdout, stop } = around;
  const view = joinedRoom(client, request.room);
  const { roomId: room, roomName: name } = view;
  const title = titleOf(view);
  const format = json
    ? jsonFormat({ name, title }, client.user)
    : textFormat({ roomId: room, name, title }, client.user, around);
  const shown = new Shown();
  const write = (line: string | null) => {
    if (line !== null) stdout.write(`${line}\n`);
  };

  if (!on) {
    await readToItsEnd(client, view, around);
    for (const message of latest(client.room(name)?.recent ?? [], limit)) write(format.message(message));
    return;
  }

  const last = view.recent.at(-1);
  if (last !== undefined) shown.mark(room, last.seq);
  for (const message of latest(view.recent, limit)) write(format.message(message));
  await new Promise<never>((_, reject) => {
    const unsubscribe = client.subscribe((event) => {
      if (json || shown.isNew(event)) write(format.event(event));
      // The client does not come back from this by itself, so waiting on would be silence for ever.
      if (event.kind === 'refused') reject(new Failure(event.code, refusal(event)));
      const isOut = event.kind === 'left' ? event.roomName === name : client.room(name)?.removed;
      if (isOut) reject(new Failure('removed', `You are no longer in ${title}: no more comes.`));
    });
    stop.signal.addEventListener('abort', unsubscribe, { once: true });
  });
}

const latest = (messages: readonly MessageView[], limit: number) => (limit === 0 ? [] : messages.slice(-limit));

export const tail = oneShot({
  usage: 'tail ROOM [--limit N] [--no-follow] [--json]',
  summary: 'print what is said in a room, the latest messages first, until it is stopped',
  words: ['room'],
  options: { json: { type: 'boolean' }, follow: { type: 'boolean' }, limit: { type: 'string' } },
  request,
  run: (options, around) => untilStopped(around, { room: options.room }, (client) => follow(client, options, around)),
});
