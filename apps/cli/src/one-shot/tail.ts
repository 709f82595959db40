/** `chat tail`: what is said in a room, as it comes. */
import type { ClientEvent, MessageView } from '@chat/client';
import { roomName } from '@chat/protocol';
import { z } from 'zod';
import type { Client } from '../client-surface.ts';
import { Shown } from '../conversation/shown.ts';
import { Failure } from '../failure.ts';
import { paletteFor } from '../screen/palette.ts';
import { present } from '../screen/present.ts';
import { safeJson, sanitiseLine } from '../screen/sanitise.ts';
import { messageLine, type Scene } from '../screen/scene.ts';
import { timeOfDay } from '../screen/time.ts';
import { unlessStopped } from '../stop.ts';
import type { Surroundings } from '../surroundings.ts';
import { jsonEvent, jsonMessage } from './json-event.ts';
import { oneShot } from './one-shot.ts';
import { flag } from './request.ts';
import { isCaughtUp, withClient } from './session.ts';
import { until } from './until.ts';

/** How long catching up may take before `--no-follow` gives up, in milliseconds. */
const catchUpWithin = 30_000;

const request = z.object({
  room: roomName,
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

function jsonFormat(room: string, me: string): Format {
  return {
    message: (message) => safeJson(jsonMessage(room, message, me)),
    event: (event) => {
      const line = jsonEvent(room, event);
      return line === null ? null : safeJson(line);
    },
  };
}

function textFormat(room: string, me: string, { clock, settings, stdout }: Surroundings): Format {
  const palette = paletteFor(stdout, settings.colours);
  const scene = (): Scene => {
    const now = clock.now();
    return { palette, now, time: (at) => timeOfDay(at, now), me, room, leavers: [], removed: [] };
  };
  return {
    message: ({ user, at, text }) => messageLine(scene(), user, at, text),
    event: (event) => (isOf(room, event) && isSaid(event) ? present(event, scene()) : null),
  };
}

const isOf = (room: string, event: ClientEvent): boolean => !('name' in event) || event.name === room;

/** Without `--json` only what was said is printed, and what must not be overlooked. */
function isSaid(event: ClientEvent): boolean {
  if (event.kind === 'room') return ['message', 'unreadable', 'violation'].includes(event.event.kind);
  return event.kind === 'identity-changed';
}

async function follow(client: Client, { room, follow: on, limit, json }: Request, around: Surroundings): Promise<void> {
  const { stdout, clock, stop } = around;
  const view = client.room(room);
  if (view === null) {
    throw new Failure('not-joined', `You are not in ${room}: join it first with "chat join ${room}".`);
  }
  const format = json ? jsonFormat(room, client.user) : textFormat(room, client.user, around);
  const shown = new Shown();
  const write = (line: string | null) => {
    if (line !== null) stdout.write(`${line}\n`);
  };

  if (!on) {
    const caughtUp = await until(client, () => isCaughtUp(client.room(room)), { clock, timeoutMs: catchUpWithin });
    if (!caughtUp) throw new Failure('timed-out', `The log of ${room} did not arrive in time: try again.`);
    for (const message of latest(client.room(room)?.recent ?? [], limit)) write(format.message(message));
    return;
  }

  const last = view.recent.at(-1);
  if (last !== undefined) shown.mark(view.room, last.seq);
  for (const message of latest(view.recent, limit)) write(format.message(message));
  const refusal = new Promise<never>((_, reject) => {
    const unsubscribe = client.subscribe((event) => {
      if (json || shown.isNew(event)) write(format.event(event));
      // The client does not come back from this by itself, so waiting on would be silence for ever.
      if (event.kind === 'refused') reject(new Failure(event.code, sanitiseLine(event.reason)));
      if (client.room(room)?.removed) reject(new Failure('removed', `You were removed from ${room}: no more comes.`));
    });
    stop.signal.addEventListener('abort', unsubscribe, { once: true });
  });
  await unlessStopped(stop.signal, refusal);
}

const latest = (messages: readonly MessageView[], limit: number) => (limit === 0 ? [] : messages.slice(-limit));

export const tail = oneShot({
  usage: 'tail ROOM [--limit N] [--no-follow] [--json]',
  summary: 'print what is said in a room, the latest messages first, until it is stopped',
  words: ['room'],
  options: { json: { type: 'boolean' }, follow: { type: 'boolean' }, limit: { type: 'string' } },
  request,
  run: (options, around) =>
    withClient(around, options.room, (client) => quietlyStopped(around.stop.signal, follow(client, options, around))),
});

/** Stopping is how this command ends. */
const quietlyStopped = (signal: AbortSignal, work: Promise<void>): Promise<void> =>
  unlessStopped(signal, work).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
