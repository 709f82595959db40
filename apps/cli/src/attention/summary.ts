/** One line on what the user has not read, once the client has caught up after the start or a lost connection. */
import type { RoomView, Scheduler } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { Client } from '../client-surface.ts';
import { unreadCount } from '../text/attention-text.ts';
import { titleOf } from '../text/room-title.ts';
import { timeOfDay } from '../text/time.ts';
import { countOf, safeName } from '../text/user-name.ts';
import { unreadRooms } from './concern.ts';

/** Rooms that the line names. */
const maxNamed = 8;
/** If the server does not send the end of a room in this time, the line says what is known so far. */
const patienceMs = 3_000;

function roomText(view: RoomView, now: number): string {
  const { unread, latest, peer } = view;
  const head = `${titleOf(view)} ${unreadCount(unread)}`;
  if (peer !== null || latest === null) return head;
  const mentions = unread.mentions === 0 ? [] : [countOf(unread.mentions, 'mention')];
  const author = latest.user === undefined ? [] : [safeName(latest.user)];
  return `${head} (${[...mentions, ...author, timeOfDay(latest.at, now)].join(', ')})`;
}

/** Returns the rooms that the line names, in its order. */
const announced = (rooms: readonly RoomView[], current: RoomName | null): readonly RoomView[] =>
  unreadRooms(rooms, current).filter(({ notify }) => notify !== 'none');

/**
 * Returns a line such as `3 unread: @bob 1, dev 2 (alice, 22:46)`, mentions and direct rooms first; null if all is read.
 *
 * @param current the current room, which is left out because its messages are shown
 */
export function summaryLine(rooms: readonly RoomView[], current: RoomName | null, now: number): string | null {
  const waiting = announced(rooms, current);
  if (waiting.length === 0) return null;
  const total = waiting.reduce((sum, { unread }) => sum + unread.count, 0);
  const isMore = waiting.some(({ unread }) => unread.more === true);
  const rest = waiting.length - maxNamed;
  const more = rest > 0 ? [`${countOf(rest, 'more room')}`] : [];
  const named = waiting.slice(0, maxNamed).map((view) => roomText(view, now));
  return `${unreadCount({ count: total, ...(isMore && { more: isMore }) })} unread: ${[...named, ...more].join(', ')}`;
}

/** Options of `UnreadSummary`. */
export interface UnreadSummaryOptions {
  readonly client: Pick<Client, 'rooms' | 'online' | 'subscribe'>;
  readonly clock: Scheduler;
  /** Returns the current room; null when there is none. */
  current(): RoomName | null;
  print(line: string): void;
}

/** Prints the line after the start, and after each reconnection with something new. */
export class UnreadSummary {
  readonly #options: UnreadSummaryOptions;
  readonly #unsubscribe: () => void;
  #cancel: (() => void) | null = null;
  #printed = '';

  constructor(options: UnreadSummaryOptions) {
    this.#options = options;
    this.#unsubscribe = options.client.subscribe((event) => {
      if (event.kind === 'connection' && event.status === 'online') this.begin();
      else if (event.kind === 'caught-up') this.#check();
    });
  }

  /** Prints the line as soon as all rooms are read to their ends; without a connection, what is known, at once. */
  begin(): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(patienceMs, () => this.#print());
    this.#check();
  }

  close(): void {
    this.#cancel?.();
    this.#unsubscribe();
  }

  #check(): void {
    const { client } = this.#options;
    if (this.#cancel === null || (client.online && client.rooms().some(isBeingRead))) return;
    this.#cancel();
    this.#cancel = null;
    this.#print();
  }

  #print(): void {
    const { client, clock, current, print } = this.#options;
    const rooms = client.rooms();
    const line = summaryLine(rooms, current(), clock.now());
    const state = announced(rooms, current()).map(({ roomName, unread, latest }) => [roomName, unread, latest?.seq]);
    const isKnown = JSON.stringify(state) === this.#printed;
    this.#printed = JSON.stringify(state);
    if (line !== null && !isKnown) print(line);
  }
}

const isBeingRead = ({ caughtUp, removed, denied, left, leaving }: RoomView): boolean =>
  !caughtUp && !removed && !denied && !left && !leaving;
