/** `chat tail`: prints the messages of a room as they arrive. */
import type { ClientEvent, MessageView, RoomView } from '@chat/client';
import type { RoomName, UserName } from '@chat/protocol';
import { safeJson } from '@chat/safe-text';
import type { RoomClientEvent, RoomEventKind } from '../client-event.ts';
import type { Client } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import { RoomNotes } from '../conversation/notes.ts';
import { Shown } from '../conversation/shown.ts';
import type { RunContext } from '../run-context.ts';
import { messageText } from '../screen/message-text.ts';
import { paletteFor } from '../screen/palette.ts';
import { present, refusalSentence } from '../screen/present.ts';
import type { Scene } from '../screen/scene.ts';
import { printLine } from '../terminal/print-line.ts';
import { titleOf } from '../text/room-title.ts';
import { timeOfDay } from '../text/time.ts';
import { jsonEvent, jsonMessage, type TitledRoom } from './json-event.ts';
import { oneShot } from './one-shot.ts';
import { json, messageLimit, room } from './operands.ts';
import { damagedSentence, joinedRoom, readToEnd, requireUndamaged, untilStopped } from './session.ts';

/** How messages and events are written; null for an event that is not shown. */
interface Format {
  message(message: MessageView): string;
  event(event: ClientEvent): string | null;
}

function jsonFormat(titledRoom: TitledRoom, me: UserName): Format {
  return {
    message: (message) => safeJson(jsonMessage(titledRoom.title, message, me)),
    event: (event) => {
      const line = jsonEvent(titledRoom, event, me);
      return line === null ? null : safeJson(line);
    },
  };
}

function textFormat(
  { roomId, roomName, title }: TitledRoom & Pick<RoomView, 'roomId'>,
  client: Client,
  context: RunContext,
): Format {
  const { user: me } = client;
  const { clock, settings, stdout } = context;
  const palette = paletteFor(stdout, settings.colours);
  const notes = new RoomNotes();
  const scene = (): Scene => {
    const now = clock.now();
    const time = (at: number) => timeOfDay(at, now);
    return {
      palette,
      now,
      time,
      me,
      currentRoom: roomName,
      title: () => title,
      lookAlike: () => null,
      isBlocked: (user) => client.attention.settings.blocked.includes(user),
      ...notes.of(roomId),
    };
  };
  return {
    message: (message) => messageText(scene(), message),
    event: (event) => {
      notes.take(event);
      return isAbout(roomName, event) && isPrintedAsText(event) ? present(event, scene()) : null;
    },
  };
}

const isAbout = (roomName: RoomName, event: ClientEvent): boolean =>
  !('roomName' in event) || event.roomName === roomName;

const isMessageOf = (roomName: RoomName, event: ClientEvent): event is RoomClientEvent =>
  event.kind === 'room' && event.roomName === roomName && ['message', 'newer'].includes(event.event.kind);

const printedAsText: ReadonlySet<string> = new Set<RoomEventKind>([
  ...(['message', 'newer', 'edited', 'deleted', 'reacted', 'hidden'] as const),
  ...(['unreadable', 'gap', 'violation'] as const),
]);

/** Without `--json` only messages, their changes and alarms are printed. */
function isPrintedAsText(event: ClientEvent): boolean {
  if (event.kind === 'room') return printedAsText.has(event.event.kind);
  return [
    'identity-changed',
    'identity-renewed',
    'unheard',
    'heard-again',
    'behind',
    'stalled',
    'stall-over',
    'other-log',
    'foreign-prekey',
  ].includes(event.kind);
}

interface TailRequest {
  readonly room: string;
  readonly limit: number;
  readonly follow: boolean;
  readonly mark: boolean;
  readonly json: boolean;
}

async function printMessages(client: Client, request: TailRequest, context: RunContext): Promise<void> {
  const { stdout, stderr, stop } = context;
  const { limit } = request;
  const view = joinedRoom(client, request.room);
  const { roomId, roomName } = view;
  const title = titleOf(view);
  const format = request.json
    ? jsonFormat({ roomName, title }, client.user)
    : textFormat({ roomId, roomName, title }, client, context);
  const shown = new Shown();
  const write = (line: string | null) => {
    if (line === null) return;
    // JSON is for programs: a line stays one line.
    if (request.json) stdout.write(`${line}\n`);
    else printLine(stdout, line);
  };

  const mark = async (seq: number | undefined) => {
    if (request.mark && seq !== undefined) await client.attention.markRead(roomName, seq);
  };
  if (!request.follow) {
    if (client.online) await readToEnd(client, view, context);
    const messages = await latest(client, roomName, limit);
    for (const message of messages) write(format.message(message));
    await mark(messages.at(-1)?.seq);
    requireUndamaged(client);
    return;
  }
  const sayDamage = once(() => printLine(stderr, damagedSentence));

  // What arrives while the latest messages are read is printed after them.
  let early: ClientEvent[] | null = [];
  await new Promise<never>((_, reject) => {
    const take = (event: ClientEvent) => {
      if (request.json || shown.isNew(event)) write(format.event(event));
      if (isMessageOf(roomName, event)) mark(event.event.seq).catch(reject);
      if (event.kind === 'trouble' && ['messages-damaged', 'messages-unreadable'].includes(event.code)) sayDamage();
      // The client does not connect again after a refusal, so no event would ever follow.
      if (event.kind === 'refused') reject(new CommandError(event.code, refusalSentence(event)));
      const { removed = false, deleted = false, left = false } = client.room(roomName) ?? {};
      if (deleted) {
        reject(new CommandError('room-deleted', `The operator of the server has deleted ${title}: nothing follows.`));
      } else if (event.kind === 'left' ? event.roomName === roomName : removed || left) {
        reject(new CommandError('removed', `You are no longer a member of ${title}: no further messages arrive.`));
      }
    };
    const unsubscribe = client.subscribe((event) => (early === null ? take(event) : void early.push(event)));
    stop.signal.addEventListener('abort', unsubscribe, { once: true });
    if (!client.online) client.keepConnecting();
    latest(client, roomName, limit).then((messages) => {
      shown.mark(roomId, messages.length > 0 || view.latest === null ? messages : [view.latest]);
      for (const message of messages) write(format.message(message));
      mark(messages.at(-1)?.seq).catch(reject);
      if (client.messages.areDamaged) sayDamage();
      const waiting = early ?? [];
      early = null;
      for (const event of waiting) take(event);
    }, reject);
  });
}

/** Returns a function that does this with its first call, and nothing later. */
function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}

const latest = async (client: Client, roomName: RoomName, limit: number): Promise<readonly MessageView[]> =>
  limit === 0 ? [] : client.messages.page(roomName, { limit });

/** The command `chat tail`. */
export const tail = oneShot(
  {
    summary:
      'Print the latest messages of a room, then new ones as they arrive, until SIGINT or SIGTERM. Without a connection, what is stored, and new ones once there is one.',
    operands: { room },
    options: {
      limit: messageLimit(0, 100),
      follow: { value: null, fallback: true, help: 'Stop after the latest messages.' },
      mark: { value: null, help: 'Mark what is printed as read. Otherwise it stays unread.' },
      json,
    },
  },
  (request, context) =>
    untilStopped(context, { room: request.room }, (client) => printMessages(client, request, context)),
);
