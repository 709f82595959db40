/** Whether everybody in one room, and everybody invited, still has the identity key that they are known by. */
import { invitedOf, membersOf, type RoomState } from '@chat/room';
import type { ChangedIdentity, Pins } from './pins.ts';

export class IdentityWatch {
  readonly #pins: Pins;
  readonly #tell: (changed: ChangedIdentity) => void;
  readonly #told = new Set<string>();
  #changed: readonly ChangedIdentity[] = [];

  /** @param tell called once for each changed identity */
  constructor(pins: Pins, tell: (changed: ChangedIdentity) => void) {
    this.#pins = pins;
    this.#tell = tell;
  }

  /** Those whose key is another one. */
  get changed(): readonly ChangedIdentity[] {
    return this.#changed;
  }

  /** To be called when others are in the room than before, or a pin has changed. */
  review(state: RoomState): void {
    this.#changed = this.#pins.meet([...membersOf(state), ...invitedOf(state)]);
  }

  /** To be called once the room is caught up: who has gone meanwhile is no alarm. */
  announce(): void {
    for (const changed of this.#changed) {
      if (this.#told.has(changed.seen)) continue;
      this.#told.add(changed.seen);
      this.#tell(changed);
    }
  }
}
