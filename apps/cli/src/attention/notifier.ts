/** Decides when the user is called: for messages that concern them, that they have not seen, outside of their quiet hours. */
import type { ClientEvent, NotifyWay, QuietHours, Scheduler } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import type { RoomClientEvent } from '../client-event.ts';
import type { Client } from '../client-surface.ts';
import { titleOf } from '../text/room-title.ts';
import { countOf, safeName } from '../text/user-name.ts';
import { notifies } from './concern.ts';

/** Time in which another window may show the message. Several messages within it call once. */
const delayMs = 1_000;
/** Characters of a message that a notification has, if the user wants its text there. */
const textCharacters = 80;

/** A call to the user. */
export interface Notification {
  /** One line, safe to print. */
  readonly text: string;
  readonly ways: readonly NotifyWay[];
}

/** Options of `Notifier`. */
export interface NotifierOptions {
  readonly client: Pick<Client, 'user' | 'room' | 'subscribe' | 'attention'>;
  readonly clock: Scheduler;
  /** Returns whether the user sees what is shown of a room: it is the current one, and they are at the keyboard. */
  isWatching(roomName: RoomName): boolean;
  call(notification: Notification): void;
}

/** Returns whether a time, in ms since 1970, is in the quiet hours. */
export function isQuiet(hours: QuietHours | null, now: number): boolean {
  if (hours === null) return false;
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  const { from, to } = hours;
  return from < to ? from <= minute && minute < to : from <= minute || minute < to;
}

/** Calls the user of one window. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #unsubscribe: () => void;
  #waiting: RoomClientEvent[] = [];
  #cancel: (() => void) | null = null;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#unsubscribe = options.client.subscribe((event) => this.#take(event));
  }

  close(): void {
    this.#cancel?.();
    this.#unsubscribe();
  }

  #take(event: ClientEvent): void {
    const { client, clock } = this.#options;
    // What the client catches up with, the summary says.
    if (event.kind !== 'room' || !event.live || !notifies(client, event)) return;
    this.#waiting.push(event);
    this.#cancel ??= clock.after(delayMs, () => this.#call());
  }

  #call(): void {
    const { client, clock, call } = this.#options;
    const unseen = this.#waiting.filter((event) => this.#isUnseen(event));
    this.#waiting = [];
    this.#cancel = null;
    const { quietHours, notifyBy } = client.attention.settings;
    const [first] = unseen;
    if (first === undefined || isQuiet(quietHours, clock.now())) return;
    call({ text: unseen.length === 1 ? this.#textOf(first) : this.#textOfAll(unseen), ways: notifyBy });
  }

  /** A message is seen where the user watches its room, and read if another window has marked it. */
  #isUnseen({ roomName, event }: RoomClientEvent): boolean {
    const { client, isWatching } = this.#options;
    const first = client.room(roomName)?.unread.first ?? null;
    return !isWatching(roomName) && first !== null && event.seq >= first;
  }

  #textOf({ roomName, event }: RoomClientEvent): string {
    const { client } = this.#options;
    const view = client.room(roomName);
    const who = 'user' in event && event.user !== null ? safeName(event.user) : '';
    const where = view === null || view.peer !== null ? 'you' : titleOf(view);
    const isShown = client.attention.settings.notifyBy.includes('text');
    if (!isShown || event.kind !== 'message') return `${who} wrote ${where === 'you' ? 'to' : 'in'} ${where}`;
    return `${where === 'you' ? who : `${who} in ${where}`}: ${sanitiseLine(event.text, textCharacters)}`;
  }

  #textOfAll(unseen: readonly RoomClientEvent[]): string {
    const { client } = this.#options;
    const titles = new Set(unseen.map(({ roomName }) => titleOf(client.room(roomName) ?? { roomName, peer: null })));
    return `${countOf(unseen.length, 'message')} in ${[...titles].join(', ')}`;
  }
}
