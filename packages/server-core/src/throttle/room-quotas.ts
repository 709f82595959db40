/** How often one user may create rooms, join them, invite to them, and knock at them. */
import { ProtocolError, type RoomId, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import { hourly, Quota } from './quota.ts';

export type RoomLimits = Pick<
  ServerLimits,
  'roomsCreatedPerHour' | 'joinsPerHour' | 'joinsPerMinute' | 'joinBurst' | 'invitesPerHour' | 'knocksPerHour'
>;

const reached = (message: string) => new ProtocolError('limit-reached', message);

export class RoomQuotas {
  readonly #limits: RoomLimits;
  readonly #clock: () => number;
  readonly #created: Quota;
  readonly #joined: Quota;
  /** By user and room. */
  readonly #joinedRoom: Quota;
  readonly #invited: Quota;
  readonly #knocked: Quota;

  constructor(limits: RoomLimits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#created = new Quota(hourly(limits.roomsCreatedPerHour));
    this.#joined = new Quota(hourly(limits.joinsPerHour));
    this.#joinedRoom = new Quota({ perSecond: limits.joinsPerMinute / 60, burst: limits.joinBurst });
    this.#invited = new Quota(hourly(limits.invitesPerHour));
    this.#knocked = new Quota(hourly(limits.knocksPerHour));
  }

  /** Throws `limit-reached`, as the others do. */
  countCreation(user: UserName): void {
    if (this.#created.take(user, this.#clock())) return;
    throw reached(`You may create ${this.#limits.roomsCreatedPerHour} rooms an hour: wait before creating another.`);
  }

  /** A leave stops a room's talk until its key has changed. None can be refused, so who leaves may not be back at once. */
  countJoin(user: UserName, room: RoomId): void {
    const now = this.#clock();
    if (!this.#joinedRoom.take(`${user} ${room}`, now)) {
      throw reached('You have joined and left this room too often: wait a minute.');
    }
    if (!this.#joined.take(user, now)) {
      throw reached(`You may join ${this.#limits.joinsPerHour} rooms an hour: wait before joining another.`);
    }
  }

  countInvite(user: UserName): void {
    if (this.#invited.take(user, this.#clock())) return;
    throw reached(`You may invite ${this.#limits.invitesPerHour} people an hour: wait before inviting another.`);
  }

  countKnock(user: UserName): void {
    if (this.#knocked.take(user, this.#clock())) return;
    throw reached(`You may knock ${this.#limits.knocksPerHour} times an hour: wait until somebody lets you in.`);
  }
}
