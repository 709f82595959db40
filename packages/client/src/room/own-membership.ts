/** How this user stands in one room: by its log as far as it was read, and by the server's word about the time since. */
import { isPresent, wasRemoved } from '@chat/room';
import { type ClientError, removedFrom, revokedFrom } from '../errors.ts';
import type { StoredRoom } from '../storage/stored-state.ts';

export type Denial = 'removed' | 'not-a-member';

export class OwnMembership {
  readonly #stored: () => StoredRoom;
  #denial: Denial | null = null;

  /** @param stored the room as it is now */
  constructor(stored: () => StoredRoom) {
    this.#stored = stored;
  }

  /** Whether the log was begun and is not that of the room that was asked for. */
  get refused(): boolean {
    const { head, name } = this.#stored().state;
    return head.seq > 0 && name === null;
  }

  /** Whether this user is still, or already, in the room. One who reads its history is in it, though not yet in what was read. */
  get joined(): boolean {
    return isPresent(this.#stored().state) || this.rereading;
  }

  /** Whether the log is being read again from its beginning: the room is not known as it is now. */
  get rereading(): boolean {
    return typeof this.#stored().replay === 'number';
  }

  /** Whether somebody took this user out, or the server's operator did. */
  get removed(): boolean {
    return this.#denial === 'removed' || wasRemoved(this.#stored().state);
  }

  /** Whether the server does not let this user in. */
  get denied(): boolean {
    return this.#denial !== null;
  }

  get leaving(): boolean {
    return this.#stored().leaving === true;
  }

  /** Whether there is anything of the room to be left: this user is in it, or was. */
  get known(): boolean {
    return this.joined || this.removed || this.leaving;
  }

  /** Whether this user is in the room, and wants to be. */
  get open(): boolean {
    return this.joined && !this.removed && !this.leaving;
  }

  /** Why nothing comes or goes any more, as an error to be thrown; null while it does. */
  get exclusion(): ClientError | null {
    if (!this.removed) return null;
    const { state, name } = this.#stored();
    return Object.hasOwn(state.revoked, state.me) ? revokedFrom(name) : removedFrom(name);
  }

  /** The server has answered a request for the log: with it, or with a refusal. */
  answered(denial: Denial | null): void {
    this.#denial = denial;
  }
}
