/** How often each user may use rooms, in all of them and in each one. */
import { ProtocolError, type RoomId, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits/limits.ts';
import type { RoomChange } from '../ports/room-store.ts';
import { EpochTurns, type NotedKey } from './epoch-turns.ts';
import { Quota } from './quota.ts';
import { type BucketSize, liveSize, seconds } from './token-bucket.ts';

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
  | 'roomKnocksPerHour'
  | 'roomKnockBurst'
>;

/** An entry as the quotas see it. */
export interface CountedEntry {
  readonly change: RoomChange | null;
  /** For an epoch: true when neither the members nor the log require it. */
  readonly unforced?: boolean;
  /** For an epoch: true when its author lacks the key of the one before. */
  readonly lostKey?: boolean;
  /** For an epoch: true when a user whose prekey the server has gets no wrap. */
  readonly leavesOut: boolean;
  /** Returns how many other users follow the room, and can make its next epoch. Default: none. */
  readonly othersThan?: (user: UserName) => number;
}

/** What is counted. A decision removes or readmits a user or gives a role. */
type Action = 'creation' | 'knock' | 'join' | 'invitation' | 'decision' | 'withdrawal' | 'unneeded-epoch';

/** The actions that an entry's effect is, apart from those of `create` and `epoch`. */
const actions: { readonly [Kind in RoomChange['kind']]?: Action } = {
  join: 'join',
  invite: 'invitation',
  withdraw: 'withdrawal',
  remove: 'decision',
  role: 'decision',
  readmit: 'decision',
};

/** One quota of an action. */
interface Bound {
  readonly quota: Quota;
  /** Whether a user has the quota in each room, or once for all rooms. */
  readonly scope: 'room' | 'user';
  /** Returns the refusal for the user. `wait` says when the next use is allowed: "in 5 minutes". */
  readonly refusal: (wait: string) => string;
}

const inEachRoom = (size: BucketSize, refusal: Bound['refusal']): Bound => ({
  quota: new Quota(size),
  scope: 'room',
  refusal,
});
const inAllRooms = (perHour: () => number, refusal: Bound['refusal']): Bound => ({
  quota: new Quota(hourly(perHour)),
  scope: 'user',
  refusal,
});
const hourly = (perHour: () => number, burst?: () => number): BucketSize => liveSize(seconds.hour, perHour, burst);

/** Returns the quotas of each action. An action has to be within all of them. A change of the limits counts at once. */
const boundsOf = (limits: RoomLimits): Readonly<Record<Action, readonly Bound[]>> => ({
  creation: [
    inAllRooms(
      () => limits.roomsCreatedPerHour,
      (wait) => `You can create ${limits.roomsCreatedPerHour} rooms an hour: try again ${wait}.`,
    ),
  ],
  knock: [
    inAllRooms(
      () => limits.knocksPerHour,
      () => `You can knock ${limits.knocksPerHour} times an hour: wait for an invitation.`,
    ),
    inEachRoom(
      hourly(
        () => limits.roomKnocksPerHour,
        () => limits.roomKnockBurst,
      ),
      (wait) =>
        `You have knocked at this room several times, and its members see that: wait for an answer, or try again ${wait}.`,
    ),
  ],
  // No message can be appended between a leave and the next key, and a leave cannot be refused; so the quota is on the joins of a
  // user who leaves and joins again and again.
  join: [
    inEachRoom(
      hourly(
        () => limits.roomJoinsPerHour,
        () => limits.joinBurst,
      ),
      (wait) => `You have joined and left this room too often: try again ${wait}.`,
    ),
    inAllRooms(
      () => limits.joinsPerHour,
      (wait) => `You can join ${limits.joinsPerHour} rooms an hour: try again ${wait}.`,
    ),
  ],
  invitation: [
    inAllRooms(
      () => limits.invitesPerHour,
      (wait) => `You can invite ${limits.invitesPerHour} users an hour: try again ${wait}.`,
    ),
    inEachRoom(
      hourly(
        () => limits.roomInvitesPerHour,
        () => limits.roomInviteBurst,
      ),
      (wait) => `You have invited very many users to this room: try again ${wait}, or ask another member.`,
    ),
  ],
  decision: [
    inEachRoom(
      hourly(
        () => limits.decisionsPerHour,
        () => limits.decisionBurst,
      ),
      (wait) => `You have removed users or given roles very often in this room: try again ${wait}.`,
    ),
  ],
  withdrawal: [
    inEachRoom(
      hourly(
        () => limits.withdrawalsPerHour,
        () => limits.withdrawalBurst,
      ),
      (wait) => `You have withdrawn very many invitations in this room: try again ${wait}.`,
    ),
  ],
  'unneeded-epoch': [
    inEachRoom(
      hourly(() => limits.unforcedEpochsPerHour),
      (wait) =>
        `You have made keys for this room that it did not need, or that left members out: another member makes the next one, or you ${wait}.`,
    ),
  ],
});

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
  readonly #clock: () => number;
  readonly #bounds: Readonly<Record<Action, readonly Bound[]>>;
  readonly #epochTurns = new EpochTurns();

  constructor(limits: RoomLimits, clock: () => number) {
    this.#clock = clock;
    this.#bounds = boundsOf(limits);
  }

  /**
   * Counts the creation of a room.
   *
   * @throws ProtocolError `limit-reached`
   */
  countCreation(user: UserName): void {
    this.#count('creation', user);
  }

  /**
   * Counts a knock.
   *
   * @throws ProtocolError `limit-reached`
   */
  countKnock(user: UserName, roomId: RoomId): void {
    this.#count('knock', user, roomId);
  }

  /**
   * Counts an entry that the rules of its room admit.
   *
   * @throws ProtocolError `limit-reached`
   */
  countEntry(user: UserName, roomId: RoomId, entry: CountedEntry): void {
    const { change } = entry;
    if (change?.kind === 'epoch') this.#countEpoch(user, roomId, { ...entry, epochNumber: change.epoch.number });
    const action = change === null ? undefined : actions[change.kind];
    if (action !== undefined) this.#count(action, user, roomId);
  }

  /** Notes that a member lacks the key of an epoch by its own word, or has been given it. */
  noteKey(roomId: RoomId, key: NotedKey): void {
    this.#epochTurns.noteKey(roomId, key);
  }

  /**
   * Lets another member make the next epoch after one that was unforced, left members out, or whose key most members lack. To replace
   * one that counted against its author costs nothing: it can be done once for each of those.
   */
  #countEpoch(user: UserName, roomId: RoomId, entry: CountedEntry & { readonly epochNumber: number }): void {
    const { epochNumber, unforced = false, lostKey = false, leavesOut, othersThan = () => 0 } = entry;
    const now = this.#clock();
    const isBad = unforced || leavesOut;
    const replaces = lostKey && !leavesOut;
    this.#epochTurns.require(roomId, { user, othersThan, now });
    const isCounted = isBad && !(replaces && this.#epochTurns.isCountedOfOther(roomId, user));
    if (isCounted) this.#count('unneeded-epoch', user, roomId);
    this.#epochTurns.made(roomId, {
      epochNumber,
      author: user,
      isBad,
      isCounted,
      replaces,
      leavesOut,
      othersThan,
      now,
    });
  }

  /** Counts an action in all of its quotas, or in none of them. */
  #count(action: Action, user: UserName, roomId: RoomId | '' = ''): void {
    const now = this.#clock();
    const nameIn = ({ scope }: Bound) => (scope === 'user' ? user : `${user} ${roomId}`);
    const bounds = this.#bounds[action];
    for (const bound of bounds) {
      const name = nameIn(bound);
      if (bound.quota.has(name, now)) continue;
      throw new ProtocolError('limit-reached', bound.refusal(waitText(bound.quota.waitMs(name, now))));
    }
    for (const bound of bounds) bound.quota.take(nameIn(bound), now);
  }
}
