/** Quotas: how often each user may do something, over all of the user's connections. */
import { ProtocolError, type RoomId, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import { type BucketSize, hourly, TokenBuckets } from './token-bucket.ts';

/** A quota of the same size for each user. */
export class Quota {
  readonly #buckets: TokenBuckets;

  constructor(size: BucketSize) {
    this.#buckets = new TokenBuckets(size);
  }

  /**
   * Counts one use. A refused use does not count.
   *
   * @param name of the user, or of the user and the room
   * @param now milliseconds
   * @returns false when the quota is used up
   */
  take(name: string, now: number): boolean {
    if (!this.has(name, now)) return false;
    this.#buckets.of(name, now).take(1, now);
    return true;
  }

  /** Returns whether one more use is allowed, and counts nothing. */
  has(name: string, now: number): boolean {
    return this.#buckets.of(name, now).take(0, now) >= 1;
  }
}

/** The limits that apply to the use of rooms. */
export type RoomLimits = Pick<
  ServerLimits,
  'roomsCreatedPerHour' | 'joinsPerHour' | 'joinsPerMinute' | 'joinBurst' | 'invitesPerHour' | 'knocksPerHour'
>;

const limitReached = (message: string) => new ProtocolError('limit-reached', message);

/** How often each user may create rooms, join, invite and knock. */
export class RoomQuotas {
  readonly #limits: RoomLimits;
  readonly #clock: () => number;
  readonly #creations: Quota;
  readonly #joins: Quota;
  /** By user and room. */
  readonly #joinsOfRoom: Quota;
  readonly #invites: Quota;
  readonly #knocks: Quota;

  constructor(limits: RoomLimits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#creations = new Quota(hourly(limits.roomsCreatedPerHour));
    this.#joins = new Quota(hourly(limits.joinsPerHour));
    this.#joinsOfRoom = new Quota({ perSecond: limits.joinsPerMinute / 60, burst: limits.joinBurst });
    this.#invites = new Quota(hourly(limits.invitesPerHour));
    this.#knocks = new Quota(hourly(limits.knocksPerHour));
  }

  /**
   * Counts the creation of a room.
   *
   * @throws ProtocolError `limit-reached`
   */
  countCreation(user: UserName): void {
    if (this.#creations.take(user, this.#clock())) return;
    throw limitReached(`You can create ${this.#limits.roomsCreatedPerHour} rooms an hour: try again later.`);
  }

  /**
   * Counts a join. No message can be appended between a leave and the next key, and a leave cannot be refused; so the quota
   * is on the joins of a user who leaves and joins again and again.
   *
   * @throws ProtocolError `limit-reached`
   */
  countJoin(user: UserName, roomId: RoomId): void {
    const now = this.#clock();
    if (!this.#joinsOfRoom.take(`${user} ${roomId}`, now)) {
      throw limitReached('You have joined and left this room too often: wait a minute.');
    }
    if (!this.#joins.take(user, now)) {
      throw limitReached(`You can join ${this.#limits.joinsPerHour} rooms an hour: try again later.`);
    }
  }

  /**
   * Counts an invitation to a room.
   *
   * @throws ProtocolError `limit-reached`
   */
  countInvite(user: UserName): void {
    if (this.#invites.take(user, this.#clock())) return;
    throw limitReached(`You can invite ${this.#limits.invitesPerHour} users an hour: try again later.`);
  }

  /**
   * Counts a knock.
   *
   * @throws ProtocolError `limit-reached`
   */
  countKnock(user: UserName): void {
    if (this.#knocks.take(user, this.#clock())) return;
    throw limitReached(`You can knock ${this.#limits.knocksPerHour} times an hour: wait for an invitation.`);
  }
}
