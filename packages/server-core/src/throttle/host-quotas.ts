/**
 * Quotas by host beside those by user: where every user may enrol, a quota for each user is one for each free name. A host is an
 * IPv4 address or an IPv6 network of 64 bits.
 */
import { ProtocolError, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits/limits.ts';
import { Quota } from './quota.ts';
import { liveSize, seconds } from './token-bucket.ts';

/** The limits that apply to a host, and to look-ups of other users. */
export type HostLimits = Pick<
  ServerLimits,
  'lookUpsPerHour' | 'lookUpsPerHostAndHour' | 'roomsPerHostAndHour' | 'knocksPerHostAndHour'
>;

const limitReached = (what: string) =>
  new ProtocolError('limit-reached', `This server allows ${what} an hour: try again later.`);

/** How often the users of one host may create rooms and knock, and how often users may look up others. */
export class HostQuotas {
  readonly #limits: HostLimits;
  readonly #clock: () => number;
  readonly #lookUps: Quota;
  readonly #lookUpsOfHost: Quota;
  readonly #rooms: Quota;
  readonly #knocks: Quota;

  constructor(limits: HostLimits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#lookUps = new Quota(liveSize(seconds.hour, () => limits.lookUpsPerHour));
    this.#lookUpsOfHost = new Quota(liveSize(seconds.hour, () => limits.lookUpsPerHostAndHour));
    this.#rooms = new Quota(liveSize(seconds.hour, () => limits.roomsPerHostAndHour));
    this.#knocks = new Quota(liveSize(seconds.hour, () => limits.knocksPerHostAndHour));
  }

  /**
   * Counts the look-up of one user with whom the asking user has no common room.
   *
   * @throws ProtocolError `limit-reached`
   */
  countLookUp(user: UserName, host: string): void {
    const now = this.#clock();
    const { lookUpsPerHour, lookUpsPerHostAndHour } = this.#limits;
    if (!this.#lookUps.take(user, now)) throw limitReached(`${lookUpsPerHour} look-ups of other users`);
    if (!this.#lookUpsOfHost.take(host, now)) {
      throw limitReached(`${lookUpsPerHostAndHour} look-ups of users from one address`);
    }
  }

  /**
   * Counts the creation of a room.
   *
   * @throws ProtocolError `limit-reached`
   */
  countRoom(host: string): void {
    if (this.#rooms.take(host, this.#clock())) return;
    throw limitReached(`${this.#limits.roomsPerHostAndHour} new rooms from one address`);
  }

  /**
   * Counts a knock.
   *
   * @throws ProtocolError `limit-reached`
   */
  countKnock(host: string): void {
    if (this.#knocks.take(host, this.#clock())) return;
    throw limitReached(`${this.#limits.knocksPerHostAndHour} knocks from one address`);
  }
}
