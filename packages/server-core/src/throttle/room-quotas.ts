/** How often each user may use rooms, in all of them and in each one. */
import { ProtocolError, type RoomId, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import type { RoomChange } from '../ports/room-store.ts';
import { EpochTurns } from './epoch-turns.ts';
import { Quota } from './quota.ts';
import { hourly } from './token-bucket.ts';

/** The limits that apply to the use of rooms. */
export type RoomLimits = Pick<
  ServerLimits,
  | 'roomsCreatedPerHour'
  | 'joinsPerHour'
  | 'roomJoinsPerHour'
  | 'joinBurst'
  | 'invitesPerHour'
  | 'roomInvitesPerHour'
  | 'roomInviteBurst'
  | 'decisionsPerHour'
  | 'decisionBurst'
  | 'withdrawalsPerHour'
  | 'withdrawalBurst'
  | 'unforcedEpochsPerHour'
  | 'knocksPerHour'
>;

/** An entry as the quotas see it. */
export interface CountedEntry {
  readonly change: RoomChange | null;
  /** For an epoch: true when neither the members nor the log require it. */
  readonly unforced?: boolean;
  /** For an epoch: true when a user whose prekey the server has gets no wrap. */
  readonly leavesOut: boolean;
  /** True when another user follows the room, and can make its next epoch. Default: false. */
  readonly hasOthers?: boolean;
}

const limitReached = (message: string) => new ProtocolError('limit-reached', message);

/** Returns a time to wait in words, rounded up. */
function waitText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes <= 1 ? 'in a minute' : `in ${minutes} minutes`;
}

/**
 * How often each user may create rooms, join, invite, decide, make keys and knock. Each invitation, departure and epoch makes
 * messages wait for the next key, so a member who alternates between them would stop a room.
 */
export class RoomQuotas {
  readonly #limits: RoomLimits;
  readonly #clock: () => number;
  readonly #creations: Quota;
  readonly #joins: Quota;
  /** By user and room. */
  readonly #joinsOfRoom: Quota;
  readonly #invites: Quota;
  /** By user and room, as the next three. */
  readonly #invitesToRoom: Quota;
  readonly #decisions: Quota;
  readonly #withdrawals: Quota;
  readonly #unforcedEpochs: Quota;
  readonly #knocks: Quota;
  readonly #epochTurns = new EpochTurns();

  constructor(limits: RoomLimits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#creations = new Quota(hourly(limits.roomsCreatedPerHour));
    this.#joins = new Quota(hourly(limits.joinsPerHour));
    this.#joinsOfRoom = new Quota({ perSecond: limits.roomJoinsPerHour / 3_600, burst: limits.joinBurst });
    this.#invites = new Quota(hourly(limits.invitesPerHour));
    this.#invitesToRoom = new Quota({ perSecond: limits.roomInvitesPerHour / 3_600, burst: limits.roomInviteBurst });
    this.#decisions = new Quota({ perSecond: limits.decisionsPerHour / 3_600, burst: limits.decisionBurst });
    this.#withdrawals = new Quota({ perSecond: limits.withdrawalsPerHour / 3_600, burst: limits.withdrawalBurst });
    this.#unforcedEpochs = new Quota(hourly(limits.unforcedEpochsPerHour));
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
   * Counts an entry that the rules of its room admit.
   *
   * @throws ProtocolError `limit-reached`
   */
  countEntry(user: UserName, roomId: RoomId, entry: CountedEntry): void {
    const { change } = entry;
    const inRoom = `${user} ${roomId}`;
    switch (change?.kind) {
      case 'join':
        this.#countJoin(user, inRoom);
        break;
      case 'invite':
        this.#countInvite(user, inRoom);
        break;
      case 'withdraw':
        this.#countWithdrawal(inRoom);
        break;
      case 'remove':
      case 'role':
      case 'readmit':
        this.#countDecision(inRoom);
        break;
      case 'epoch':
        this.#countEpoch(user, roomId, entry);
        break;
    }
  }

  /**
   * No message can be appended between a leave and the next key, and a leave cannot be refused; so the quota is on the joins of a
   * user who leaves and joins again and again.
   */
  #countJoin(user: UserName, inRoom: string): void {
    const now = this.#clock();
    if (!this.#joinsOfRoom.take(inRoom, now)) {
      const wait = waitText(this.#joinsOfRoom.waitMs(inRoom, now));
      throw limitReached(`You have joined and left this room too often: try again ${wait}.`);
    }
    if (!this.#joins.take(user, now)) {
      throw limitReached(`You can join ${this.#limits.joinsPerHour} rooms an hour: try again later.`);
    }
  }

  #countInvite(user: UserName, inRoom: string): void {
    const now = this.#clock();
    if (!this.#invites.has(user, now)) {
      throw limitReached(
        `You can invite ${this.#limits.invitesPerHour} users an hour: try again ${waitText(this.#invites.waitMs(user, now))}.`,
      );
    }
    if (!this.#invitesToRoom.take(inRoom, now)) {
      const wait = waitText(this.#invitesToRoom.waitMs(inRoom, now));
      throw limitReached(`You have invited very many users to this room: try again ${wait}, or ask another member.`);
    }
    this.#invites.take(user, now);
  }

  #countDecision(inRoom: string): void {
    const now = this.#clock();
    if (this.#decisions.take(inRoom, now)) return;
    const wait = waitText(this.#decisions.waitMs(inRoom, now));
    throw limitReached(`You have removed users or given roles very often in this room: try again ${wait}.`);
  }

  #countWithdrawal(inRoom: string): void {
    const now = this.#clock();
    if (this.#withdrawals.take(inRoom, now)) return;
    const wait = waitText(this.#withdrawals.waitMs(inRoom, now));
    throw limitReached(`You have withdrawn very many invitations in this room: try again ${wait}.`);
  }

  /** Lets another member make the next epoch after one that was unforced or left members out. */
  #countEpoch(user: UserName, roomId: RoomId, { unforced = false, leavesOut, hasOthers = false }: CountedEntry): void {
    const isBad = unforced || leavesOut;
    this.#epochTurns.require(roomId, { user, hasOthers, now: this.#clock() });
    if (isBad) this.#countUnforcedEpoch(`${user} ${roomId}`);
    this.#epochTurns.made(roomId, isBad ? user : null);
  }

  #countUnforcedEpoch(inRoom: string): void {
    const now = this.#clock();
    if (this.#unforcedEpochs.take(inRoom, now)) return;
    const wait = waitText(this.#unforcedEpochs.waitMs(inRoom, now));
    throw limitReached(
      `You have made keys for this room that it did not need, or that left members out: another member makes the next one, or you ${wait}.`,
    );
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
