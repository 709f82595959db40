/** Checks the members and invited users of one room against the pins. */
import type { UserName } from '@chat/protocol';
import { invitedOf, membersOf, type RoomEvent, type RoomState } from '@chat/room';
import type { ChangedIdentity, Pins } from './pins.ts';

/** The events after which the room has other members or invited users than before. */
export const membershipEvents: ReadonlySet<RoomEvent['kind']> = new Set([
  'created',
  'joined',
  'invited',
  'withdrawn',
  'declined',
  'left',
  'removed',
  'revoked',
  'key-renewed',
]);

/** Finds changed identities in one room and reports each once. */
export class IdentityWatch {
  readonly #pins: Pins;
  readonly #report: (changed: ChangedIdentity) => void;
  readonly #reported = new Set<string>();
  #changed: readonly ChangedIdentity[] = [];

  /** @param report called once for each changed identity */
  constructor(pins: Pins, report: (changed: ChangedIdentity) => void) {
    this.#pins = pins;
    this.#report = report;
  }

  /** The users in the room whose identity key differs from their pin. */
  get changed(): readonly ChangedIdentity[] {
    return this.#changed;
  }

  /** Checks the pins of all members again. To be called after a change of the membership or of a pin. */
  review(state: RoomState): void {
    this.#changed = this.#pins.meet([...membersOf(state), ...invitedOf(state)], state.room);
  }

  /**
   * Does the same after entries of the log that have changed the room for these users only: in a large room the look at all takes
   * longer than everything else that an entry costs.
   */
  reviewUsers({ room, members, invited }: RoomState, users: readonly UserName[]): void {
    const present = users.flatMap((user) => members.named(user) ?? invited.named(user) ?? []);
    const others = this.#changed.filter(({ user }) => !users.includes(user));
    this.#changed = [...others, ...this.#pins.meet(present, room)];
  }

  /** The changed identities that have been reported. */
  get reported(): readonly ChangedIdentity[] {
    return this.#changed.filter(({ seen }) => this.#reported.has(seen));
  }

  /** The changed identities that have not been reported. */
  get unreported(): readonly ChangedIdentity[] {
    return this.#changed.filter(({ seen }) => !this.#reported.has(seen));
  }

  /** Reports what `review` found. To be called once the room is caught up, because a user in the backlog may have left since. */
  announce(): void {
    for (const changed of this.#changed) {
      if (this.#reported.has(changed.seen)) continue;
      this.#reported.add(changed.seen);
      this.#report(changed);
    }
  }
}
