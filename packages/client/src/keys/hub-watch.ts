/** Which member makes a room's keys, and when that becomes another one. */
import type { UserName } from '@chat/protocol';
import { hubOrder, type RoomState } from '@chat/room';

export class HubWatch {
  readonly #tell: (user: UserName, before: UserName | null) => void;
  #hub: UserName | null = null;

  /** @param tell called when the role has passed on; not for the first one that is seen */
  constructor(tell: (user: UserName, before: UserName | null) => void) {
    this.#tell = tell;
  }

  /** To be called after everything that may have changed it, while the room is caught up. */
  review(state: RoomState, online: readonly UserName[]): void {
    const [first] = hubOrder(state, online);
    if (first === undefined || first.user === this.#hub) return;
    const before = this.#hub;
    this.#hub = first.user;
    if (before !== null) this.#tell(first.user, before);
  }
}
