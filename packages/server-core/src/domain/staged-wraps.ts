/** Wraps that a session has put for an epoch entry which it is about to append. They are bounded and end with the session. */
import { type Fingerprint, limits, ProtocolError, type RoomId, type Wrap } from '@chat/protocol';
import type { WrapSource } from '../ports/wrap-source.ts';

interface Stage {
  readonly epochNumber: number;
  readonly wraps: Map<Fingerprint, Wrap>;
}

/** Rooms for which one session can stage wraps at a time. One more replaces the oldest. */
const maxStagedRooms = 16;

/** The wraps of one session, for at most one epoch of each room. */
export class StagedWraps implements WrapSource {
  readonly #stages = new Map<RoomId, Stage>();

  /**
   * Adds wraps to those of the same room and epoch. Wraps of another epoch replace them.
   *
   * @throws ProtocolError `limit-reached`
   */
  put(roomId: RoomId, epochNumber: number, wraps: readonly Wrap[]): void {
    const before = this.#stages.get(roomId);
    const stage = before?.epochNumber === epochNumber ? before : { epochNumber, wraps: new Map<Fingerprint, Wrap>() };
    const added = wraps.filter((wrap) => !stage.wraps.has(wrap.to)).length;
    if (stage.wraps.size + added > limits.roomMembers) {
      throw new ProtocolError(
        'limit-reached',
        `An epoch has at most ${limits.roomMembers} wraps: append the epoch entry first.`,
      );
    }
    for (const wrap of wraps) stage.wraps.set(wrap.to, wrap);
    // A Map keeps the order of insertion: after this the first room is the one whose wraps are the oldest.
    this.#stages.delete(roomId);
    this.#stages.set(roomId, stage);
    const [oldest] = this.#stages.keys();
    if (this.#stages.size > maxStagedRooms && oldest !== undefined) this.#stages.delete(oldest);
  }

  take(roomId: RoomId, epochNumber: number): readonly Wrap[] {
    const stage = this.#stages.get(roomId);
    if (stage?.epochNumber !== epochNumber) return [];
    this.#stages.delete(roomId);
    return [...stage.wraps.values()];
  }
}
