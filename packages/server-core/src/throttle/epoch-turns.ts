/**
 * Lets another member make a room's next epoch after one that was unforced or left members out. Its author may be honest (a lost
 * key, a prekey that had to be refused), or wants to keep the room without a key; another member settles it in both cases.
 */
import { ProtocolError, type RoomId, type UserName } from '@chat/protocol';

/** For so long the author of such an epoch waits for others: ten of them have had their turn by then. */
const waitForOthersMs = 30_000;
/** Rooms that are remembered. The one whose epoch is the oldest gives way: its author can make one more. */
const maxRooms = 10_000;

interface LatestEpoch {
  readonly author: UserName;
  /** When the author first wanted to make the next one; null before. Milliseconds. */
  waitsSince: number | null;
}

/** An epoch that a user wants to make. */
export interface WantedEpoch {
  readonly user: UserName;
  /** True when another user follows the room. */
  readonly hasOthers: boolean;
  /** Milliseconds. */
  readonly now: number;
}

/** The authors of latest epochs that were unforced or left members out, by room. */
export class EpochTurns {
  readonly #latest = new Map<RoomId, LatestEpoch>();

  /**
   * Requires that it is not the turn of another member.
   *
   * @throws ProtocolError `limit-reached`
   */
  require(roomId: RoomId, { user, hasOthers, now }: WantedEpoch): void {
    const latest = this.#latest.get(roomId);
    if (latest?.author !== user || !hasOthers) return;
    latest.waitsSince ??= now;
    if (now - latest.waitsSince >= waitForOthersMs) return;
    throw new ProtocolError(
      'limit-reached',
      'You made the latest key of this room without need or left members out: another member makes the next one, or you in half a minute.',
    );
  }

  /**
   * Notes an epoch that was accepted.
   *
   * @param author of one that was unforced or left members out; null for any other
   */
  made(roomId: RoomId, author: UserName | null): void {
    this.#latest.delete(roomId);
    if (author === null) return;
    this.#latest.set(roomId, { author, waitsSince: null });
    const [oldest] = this.#latest.keys();
    if (this.#latest.size > maxRooms && oldest !== undefined) this.#latest.delete(oldest);
  }
}
