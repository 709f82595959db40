/**
 * Lets another member make a room's next epoch when the author of an earlier one may want to keep the room without a key: after an
 * epoch that was unforced or left members out, or whose key most of the others lack, until another member has made one; and for an
 * hour after an epoch that another member replaced because its key was lost, or most lacked it. The server cannot open wraps, so it
 * does not know which of the members are honest; either way a third one, or the second, goes on.
 */
import { ProtocolError, type RoomId, type UserName } from '@chat/protocol';

/** For so long such an author waits for others: ten of them have had their turn by then. */
const waitForOthersMs = 30_000;
/** For so long the author of a replaced epoch leaves the next ones to others. */
const replacedMs = 60 * 60_000;
/** Rooms that are remembered. The one whose latest epoch is the oldest gives way: its authors can make one more. */
const maxRooms = 10_000;
/** Authors that are remembered of one room. The first one gives way. Each costs another member one of its few unforced epochs. */
const maxAuthors = 8;

interface WaitingAuthor {
  /** Milliseconds; null: until another member has made an epoch. */
  readonly until: number | null;
  /** When the author first wanted to make an epoch since the latest one; null before. Milliseconds. */
  waitsSince: number | null;
}

interface RoomTurns {
  /** The latest epoch. */
  readonly epochNumber: number;
  readonly author: UserName;
  readonly isCounted: boolean;
  readonly waiting: Map<UserName, WaitingAuthor>;
  /** The members who lack its key by their own word. */
  readonly lacking: Set<UserName>;
}

/** Whether a member has the key of an epoch. */
export interface NotedKey {
  /** Epoch number. */
  readonly number: number;
  readonly user: UserName;
  readonly has: boolean;
}

/** An epoch that a user wants to make. */
export interface WantedEpoch {
  readonly user: UserName;
  /** Returns how many other users follow the room. */
  readonly othersThan: (user: UserName) => number;
  /** Milliseconds. */
  readonly now: number;
}

/** An epoch that was accepted. */
export interface MadeEpoch {
  readonly epochNumber: number;
  readonly author: UserName;
  /** True when it was unforced or left members out. */
  readonly isBad: boolean;
  /** True when it counted against its author's quota. */
  readonly isCounted: boolean;
  /** True when its author lacked the key of the one before, and left no member out. */
  readonly replaces: boolean;
  /** True when a user whose prekey the server has gets no wrap. */
  readonly leavesOut: boolean;
  /** Returns how many other users follow the room. */
  readonly othersThan: (user: UserName) => number;
  /** Milliseconds. */
  readonly now: number;
}

/** More than half of the others lack the key, so that one of them cannot keep an honest author from its turn. */
const isLackedByMost = ({ author, lacking }: RoomTurns, othersThan: WantedEpoch['othersThan']): boolean =>
  lacking.size > 0 && 2 * lacking.size > othersThan(author);

/** The authors that leave the next epoch to others, by room. */
export class EpochTurns {
  readonly #rooms = new Map<RoomId, RoomTurns>();

  /**
   * Requires that it is not the turn of another member.
   *
   * @throws ProtocolError `limit-reached`
   */
  require(roomId: RoomId, { user, othersThan, now }: WantedEpoch): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    const { waiting } = room;
    if (room.author === user && isLackedByMost(room, othersThan) && !waiting.has(user)) addAuthor(waiting, user, null);
    const author = waiting.get(user);
    if (author === undefined || othersThan(user) === 0 || (author.until !== null && author.until <= now)) return;
    author.waitsSince ??= now;
    if (now - author.waitsSince < waitForOthersMs) {
      throw new ProtocolError(
        'limit-reached',
        'A key that you made for this room was not needed, left members out, or had to be replaced: another member makes the next one, or you in half a minute.',
      );
    }
    // The others have had their turns, so an accusation costs the accused one wait and not one for each key.
    waiting.delete(user);
    room.lacking.clear();
  }

  /** Returns whether the latest epoch is another member's and counted against that one's quota. */
  isCountedOfOther(roomId: RoomId, user: UserName): boolean {
    const latest = this.#rooms.get(roomId);
    return latest?.isCounted === true && latest.author !== user;
  }

  /** Notes whether a member has the key of the latest epoch; does nothing for an earlier one. */
  noteKey(roomId: RoomId, { number, user, has }: NotedKey): void {
    const room = this.#rooms.get(roomId);
    if (room?.epochNumber !== number || user === room.author) return;
    if (has) room.lacking.delete(user);
    else room.lacking.add(user);
  }

  /** Notes an epoch that was accepted. */
  made(roomId: RoomId, epoch: MadeEpoch): void {
    const { epochNumber, author, isBad, isCounted, now } = epoch;
    const before = this.#rooms.get(roomId);
    const waiting = before?.waiting ?? new Map<UserName, WaitingAuthor>();
    for (const [user, other] of waiting) {
      if (other.until === null) waiting.delete(user);
      else other.waitsSince = null;
    }
    const replaced = before === undefined ? null : replacedAuthor(before, epoch);
    const next = replaced ?? (isBad && !waiting.has(author) ? author : null);
    if (next !== null) addAuthor(waiting, next, replaced === null ? null : now + replacedMs);
    const room = { epochNumber, author, isCounted, waiting, lacking: new Set<UserName>() };
    putLast({ map: this.#rooms, max: maxRooms }, roomId, room);
  }
}

/** Returns the author of the epoch before, when this one replaces its key; else null. */
function replacedAuthor(before: RoomTurns, { author, replaces, leavesOut, othersThan }: MadeEpoch): UserName | null {
  if (before.author === author || leavesOut) return null;
  return replaces || isLackedByMost(before, othersThan) ? before.author : null;
}

const addAuthor = (waiting: RoomTurns['waiting'], user: UserName, until: number | null): void =>
  putLast({ map: waiting, max: maxAuthors }, user, { until, waitsSince: null });

/** Puts a value at the end of the order of insertion. The first one gives way to one more than `max`. */
function putLast<K, V>({ map, max }: { readonly map: Map<K, V>; readonly max: number }, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > max && first !== undefined) map.delete(first);
}
