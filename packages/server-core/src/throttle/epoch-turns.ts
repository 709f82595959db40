/**
 * Lets another member make a room's next epoch when the author of an earlier one may want to keep the room without a key: after an
 * epoch that was unforced or left members out, until another member has made one; and for an hour after an epoch that another
 * member replaced because its key was lost. The server cannot open wraps, so it does not know which of the two members is honest;
 * either way a third one, or the second, goes on.
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
  readonly author: UserName;
  readonly isCounted: boolean;
  readonly waiting: Map<UserName, WaitingAuthor>;
}

/** An epoch that a user wants to make. */
export interface WantedEpoch {
  readonly user: UserName;
  /** True when another user follows the room. */
  readonly hasOthers: boolean;
  /** Milliseconds. */
  readonly now: number;
}

/** An epoch that was accepted. */
export interface MadeEpoch {
  readonly author: UserName;
  /** True when it was unforced or left members out. */
  readonly isBad: boolean;
  /** True when it counted against its author's quota. */
  readonly isCounted: boolean;
  /** True when its author lacked the key of the one before, and left no member out. */
  readonly replaces: boolean;
  /** Milliseconds. */
  readonly now: number;
}

/** The authors that leave the next epoch to others, by room. */
export class EpochTurns {
  readonly #rooms = new Map<RoomId, RoomTurns>();

  /**
   * Requires that it is not the turn of another member.
   *
   * @throws ProtocolError `limit-reached`
   */
  require(roomId: RoomId, { user, hasOthers, now }: WantedEpoch): void {
    const waiting = this.#rooms.get(roomId)?.waiting;
    const author = waiting?.get(user);
    if (author === undefined || !hasOthers || (author.until !== null && author.until <= now)) return;
    author.waitsSince ??= now;
    if (now - author.waitsSince < waitForOthersMs) {
      throw new ProtocolError(
        'limit-reached',
        'A key that you made for this room was not needed, left members out, or had to be replaced: another member makes the next one, or you in half a minute.',
      );
    }
    // The others have had their turns, so an accusation costs the accused one wait and not one for each key.
    waiting?.delete(user);
  }

  /** Returns whether the latest epoch is another member's and counted against that one's quota. */
  isCountedOfOther(roomId: RoomId, user: UserName): boolean {
    const latest = this.#rooms.get(roomId);
    return latest?.isCounted === true && latest.author !== user;
  }

  /** Notes an epoch that was accepted. */
  made(roomId: RoomId, { author, isBad, isCounted, replaces, now }: MadeEpoch): void {
    const before = this.#rooms.get(roomId);
    const waiting = before?.waiting ?? new Map<UserName, WaitingAuthor>();
    for (const [user, other] of waiting) {
      if (other.until === null) waiting.delete(user);
      else other.waitsSince = null;
    }
    const replaced = replaces && before !== undefined && before.author !== author ? before.author : null;
    const next = replaced ?? (isBad && !waiting.has(author) ? author : null);
    const until = replaced === null ? null : now + replacedMs;
    if (next !== null) putLast({ map: waiting, max: maxAuthors }, next, { until, waitsSince: null });
    putLast({ map: this.#rooms, max: maxRooms }, roomId, { author, isCounted, waiting });
  }
}

/** Puts a value at the end of the order of insertion. The first one gives way to one more than `max`. */
function putLast<K, V>({ map, max }: { readonly map: Map<K, V>; readonly max: number }, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > max && first !== undefined) map.delete(first);
}
