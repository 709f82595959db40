/**
 * Rooms that are not read to their end, or lack keys. While there are some, the client keeps its ends of links for longer. When that
 * has lasted for a day, the user learns which rooms they are.
 */
import type { RoomName } from '@chat/protocol';
import type { ClientContext } from '../context.ts';
import type { Explanation } from '../errors.ts';
import type { StoredUnread } from '../storage/stored-links.ts';
import { longestKeptDays } from './links/link-life.ts';

/** A room from which a wrap over one of the links to the user may still come. */
export interface UnsettledRoom {
  readonly roomName: RoomName;
  /** `log`: the server has not sent the log up to its end. `key`: it has not handed out a key of the room. */
  readonly lacks: 'log' | 'key';
}

/** The rooms that a sentence names. */
const maxNamed = 3;
/** Rooms that are unread for this long, over all connections, are reported. */
const reportedAfterMs = 24 * 60 * 60_000;
/** From this number of short connections on they are reported. After fewer of them the client may only have been away. */
const manyLogins = 20;

function listed(rooms: readonly UnsettledRoom[]): string {
  const names = rooms.slice(0, maxNamed).map(({ roomName }) => roomName);
  const others = rooms.length - names.length;
  if (others > 0) return `${names.join(', ')} and ${others} other ${others === 1 ? 'room' : 'rooms'}`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Returns what the user is to know when these rooms have been unread for a day. */
export function unsettledTrouble(rooms: readonly UnsettledRoom[]): Explanation {
  const [logs, keys] = (['log', 'key'] as const).map((what) => rooms.filter(({ lacks }) => lacks === what));
  const missing = [
    ...(logs === undefined || logs.length === 0 ? [] : [`the end of ${listed(logs)}`]),
    ...(keys === undefined || keys.length === 0 ? [] : [`a key of ${listed(keys)}`]),
  ];
  const what = missing.length === 0 ? 'all of your rooms' : missing.join(' and ');
  return {
    code: 'rooms-unread',
    reason: `For a day your client has not received ${what}: the server did not send it, or each connection was too short. To read what is missing, your client keeps the keys of messages that it has not read for up to ${longestKeptDays} days. So a thief of this device who has the server's data too could read what was said there in ${longestKeptDays} days instead of hours. If this lasts, ask the operator of the server.`,
  };
}

type Owner = Pick<ClientContext, 'scheduler' | 'emit' | 'saveSoon'>;

/** Notes for how long rooms have been unread, and reports it once, and once that it is over. */
export class UnreadRooms {
  readonly #owner: Owner;
  readonly #unsettled: () => readonly UnsettledRoom[];
  #state: StoredUnread | undefined;
  /** The rooms that were unread when the latest connection ended. */
  #last: readonly UnsettledRoom[] = [];

  /** @param unsettled returns the rooms that are not read to their end, with their keys */
  constructor(owner: Owner, unsettled: () => readonly UnsettledRoom[], stored: StoredUnread | undefined) {
    this.#owner = owner;
    this.#unsettled = unsettled;
    this.#state = stored;
  }

  /** What is stored; undefined if all rooms were read when this client last looked. */
  get stored(): StoredUnread | undefined {
    return this.#state;
  }

  /** To be called after each login, before the rooms. On connections that end soon, this is the only place that is reached. */
  connected(): void {
    if (this.#state === undefined) return;
    this.#state = { ...this.#state, logins: this.#state.logins + 1 };
    if (this.#state.logins >= manyLogins) this.#tellIfLong(this.#last);
    this.#owner.saveSoon();
  }

  /** To be called before the rooms note that the connection is lost. */
  disconnected(): void {
    this.#last = this.#note();
  }

  /** To be called when a connection has lasted for some minutes. */
  review(): void {
    const rooms = this.#note();
    if (rooms.length > 0) this.#tellIfLong(rooms);
  }

  #note(): readonly UnsettledRoom[] {
    const rooms = this.#unsettled();
    const now = this.#owner.scheduler.now();
    if (rooms.length > 0) {
      // A clock that was ahead and has been set back does not lengthen the wait.
      this.#state = { logins: 0, ...this.#state, since: Math.min(this.#state?.since ?? now, now) };
      return rooms;
    }
    if (this.#state?.told === true) this.#owner.emit({ kind: 'trouble-over', code: 'rooms-unread' });
    this.#state = undefined;
    return rooms;
  }

  #tellIfLong(rooms: readonly UnsettledRoom[]): void {
    const state = this.#state;
    if (state === undefined || state.told || this.#owner.scheduler.now() - state.since < reportedAfterMs) return;
    this.#state = { ...state, told: true };
    this.#owner.emit({ kind: 'trouble', ...unsettledTrouble(rooms) });
  }
}
