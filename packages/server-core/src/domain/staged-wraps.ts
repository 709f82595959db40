/** Wraps that a session has handed over for an epoch entry that it will append: bounded, and gone with the session. */
import { type Fingerprint, limits, ProtocolError, type RoomId, type Wrap } from '@chat/protocol';

interface Stage {
  readonly number: number;
  readonly wraps: Map<Fingerprint, Wrap>;
}

/** Rooms that one session may prepare an epoch for at a time. */
const rooms = 16;

export class StagedWraps {
  readonly #stages = new Map<RoomId, Stage>();

  /** Adds to what is there for this room and number; another number replaces it. Throws `limit-reached`. */
  put(room: RoomId, number: number, wraps: readonly Wrap[]): void {
    const before = this.#stages.get(room);
    const stage = before?.number === number ? before : { number, wraps: new Map<Fingerprint, Wrap>() };
    const added = wraps.filter((wrap) => !stage.wraps.has(wrap.to)).length;
    if (stage.wraps.size + added > limits.roomMembers || (before === undefined && this.#stages.size >= rooms)) {
      throw new ProtocolError(
        'limit-reached',
        `An epoch has at most ${limits.roomMembers} wraps, and ${rooms} rooms may be prepared at a time: append the epoch entry first.`,
      );
    }
    for (const wrap of wraps) stage.wraps.set(wrap.to, wrap);
    this.#stages.set(room, stage);
  }

  /** Takes out what is there for this room and number. */
  take(room: RoomId, number: number): readonly Wrap[] {
    const stage = this.#stages.get(room);
    if (stage?.number !== number) return [];
    this.#stages.delete(room);
    return [...stage.wraps.values()];
  }
}
