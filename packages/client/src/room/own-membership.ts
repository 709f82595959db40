/** The user's own membership in one room: as the log shows it up to the head, and as the server reports it after that. */
import { isPresent, wasRemoved } from '@chat/room';
import { type ClientError, deletedRoom, removedFrom, revokedFrom } from '../errors.ts';
import type { StoredRoom } from '../storage/stored-state.ts';

/** Why the server denies the user access to a room's log. */
export type Denial = 'removed' | 'not-a-member' | 'deleted';

/** The user's membership in one room. */
export class OwnMembership {
  readonly #stored: () => StoredRoom;
  #denial: Denial | null = null;

  /** @param stored returns the room as it is now */
  constructor(stored: () => StoredRoom) {
    this.#stored = stored;
  }

  /** True if the log that the server sends is not that of the requested room. */
  get isOtherRoom(): boolean {
    const { head, name } = this.#stored().state;
    return head.seq > 0 && name === null;
  }

  /** True while the user is a member. While the client reads the history, what it has read may not show the user's join yet. */
  get isJoined(): boolean {
    return !this.hasLeft && (isPresent(this.#stored().state) || this.isRereading);
  }

  /** True while the log is read again from its beginning. The state is that of the past then. */
  get isRereading(): boolean {
    return typeof this.#stored().replay === 'number';
  }

  /** True if another member removed the user, or the operator revoked the user's access. */
  get isRemoved(): boolean {
    return this.#denial === 'removed' || wasRemoved(this.#stored().state);
  }

  /** True if the server says that its operator has deleted the room. */
  get isDeleted(): boolean {
    return this.#denial === 'deleted';
  }

  /** True if the server denies the user access to the room. */
  get isDenied(): boolean {
    return this.#denial !== null;
  }

  /** True if the user, or the client by itself, wants to leave and the server has not confirmed it. */
  get isLeaving(): boolean {
    return this.#stored().leaving !== undefined;
  }

  /** True if the client has left the room by itself, and has kept what is stored of it. */
  get hasLeft(): boolean {
    return this.#stored().left === true;
  }

  /** True if there is anything to leave or to erase: the user is a member or was one. */
  get mayLeave(): boolean {
    return this.isJoined || this.isRemoved || this.isLeaving || this.hasLeft;
  }

  /** True while the user is a member of a room that exists, and is not leaving. */
  get isActive(): boolean {
    return this.isJoined && !this.isRemoved && !this.isLeaving && !this.isDeleted;
  }

  /** The error for operations after a removal, a revocation or the end of the room; null before. */
  get exclusion(): ClientError | null {
    const { state, name } = this.#stored();
    if (this.isDeleted) return deletedRoom(name);
    if (!this.isRemoved) return null;
    return state.revoked.has(state.me) ? revokedFrom(name) : removedFrom(name);
  }

  /**
   * Takes the server's answer to a request for the log.
   *
   * @param denial the refusal; null if the server sends the log
   */
  answered(denial: Denial | null): void {
    this.#denial = denial;
  }
}
