/**
 * Bounds on what members give back. What a restored server has lost was appended before this server started, and within the limits
 * that held at that time. So an entry counts against its author's limits at the time that it is given back with, which is not
 * after the start, and nothing is given back to a room that has gone on since. Otherwise a member could append new entries of
 * their own this way, without any limit.
 */
import { ProtocolError, type RoomId, type SignedEntry, type UserName } from '@chat/protocol';
import { Quota } from '../../throttle/quota.ts';
import { type CountedEntry, type RoomLimits, RoomQuotas } from '../../throttle/room-quotas.ts';
import type { StorageGuard } from '../../throttle/storage-guard.ts';
import { liveSize, seconds } from '../../throttle/token-bucket.ts';

/** Users without an account whose joins one member may give back in an hour: far more than enrol between two backups. */
const strangersPerHour = 60;

/** What the limits need of the rooms' options. */
export interface ReturnedLimitsOptions {
  /** When this server started, in milliseconds. */
  readonly startedAt: number;
  readonly limits: RoomLimits;
  /** Rooms that got a new entry since the start. */
  readonly wentOn: ReadonlySet<RoomId>;
  readonly clock: () => number;
  /** Counts the creation of a room; throws when the user's quota is used up or the disk is full. */
  readonly permitRoom: (user: UserName) => void;
  /** Counts the bytes of messages. */
  readonly storage: Pick<StorageGuard, 'permit'>;
}

/** The limits of one room, at the times of the entries that are given back. */
class LimitsOfRoom {
  #time = 0;
  readonly #quotas: RoomQuotas;

  constructor(limits: RoomLimits) {
    this.#quotas = new RoomQuotas(limits, () => this.#time);
  }

  count(time: number, author: UserName, roomId: RoomId, counted: CountedEntry): void {
    this.#time = time;
    this.#quotas.countEntry(author, roomId, counted);
  }
}

/** An entry that the room's rules admit, as the limits see it. */
export interface ReturnedEntry {
  readonly roomId: RoomId;
  readonly entry: SignedEntry;
  /** Null for an entry of the server. */
  readonly author: UserName | null;
  /** Milliseconds. */
  readonly at: number;
  /** The member who gives it back. */
  readonly by: UserName;
  readonly counted: Omit<CountedEntry, 'leavesOut'>;
  /** True for a `create` or `join` of a user who has no account. */
  readonly byStranger: boolean;
}

/** Decides which entries may be given back. */
export class ReturnedLimits {
  readonly #options: ReturnedLimitsOptions;
  readonly #rooms = new Map<RoomId, LimitsOfRoom>();
  /** By the member who gives back. */
  readonly #strangers = new Quota(liveSize(seconds.hour, () => strangersPerHour));

  constructor(options: ReturnedLimitsOptions) {
    this.#options = options;
  }

  /** Returns the time that an entry gets: the one that it was given back with, not before `earliest` nor after the start. */
  timeOf(at: number, earliest: number): number {
    return Math.max(earliest, Math.min(at, this.#options.startedAt));
  }

  /**
   * Requires that the room has not gone on since the start.
   *
   * @throws ProtocolError `entry-refused`
   */
  requireOpen(roomId: RoomId): void {
    if (!this.#options.wentOn.has(roomId)) return;
    this.#rooms.delete(roomId);
    throw new ProtocolError(
      'entry-refused',
      'The room has gone on since this server started, so nothing can be given back to it: read on.',
    );
  }

  /**
   * Counts an entry.
   *
   * @throws ProtocolError `limit-reached`, `storage-full`
   */
  count({ roomId, entry, author, at, by, counted, byStranger }: ReturnedEntry): void {
    if (byStranger && !this.#strangers.has(by, this.#options.clock())) {
      throw new ProtocolError(
        'limit-reached',
        `You can give back the joins of ${strangersPerHour} users who are not registered here in an hour: go on later.`,
      );
    }
    if (counted.change?.kind === 'create') this.#options.permitRoom(by);
    if (author !== null) {
      const room = this.#rooms.get(roomId) ?? new LimitsOfRoom(this.#options.limits);
      this.#rooms.set(roomId, room);
      // The wraps of an epoch are not given back, so the server cannot know whether it had one for each recipient.
      room.count(at, author, roomId, { ...counted, leavesOut: false });
      this.#options.storage.permit(entry, author, roomId);
    }
    if (byStranger) this.#strangers.take(by, this.#options.clock());
  }
}
