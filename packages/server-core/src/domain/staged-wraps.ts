/** Wraps that a session has handed over for an epoch entry that it will append: bounded, and gone with the session. */
import { type Fingerprint, limits, ProtocolError, type RoomId, type Wrap } from '@chat/protocol';

interface Stage {
  readonly number: number;
  readonly wraps: Map<Fingerprint, Wrap>;
}

/** Rooms that one session prepares an epoch for at a time: what was put for one more takes the oldest one's place. */
const rooms = 16;

export class StagedWraps {
  readonly #stages = new Map<RoomId, Stage>();

  /** Adds to what is there for this room and number; another number replaces it. Throws `limit-reached` for too many. */
  put(room: RoomId, number: number, wraps: readonly Wrap[]): void {
    const before = this.#stages.get(room);
    const stage = before?.number === number ? before : { number, wraps: new Map<Fingerprint, Wrap>() };
    const added = wraps.filter((wrap) => !stage.wraps.has(wrap.to)).length;
    if (stage.wraps.size + added > limits.roomMembers) {
      throw new ProtocolError(
        'limit-reached',
        `An epoch has at most ${limits.roomMembers} wraps: append the epoch entry first.`,
      );
    }
    for (const wrap of wraps) stage.wraps.set(wrap.to, wrap);
    // The order of a Map is that of insertion: the first is the one that was put to the longest ago.
    this.#stages.delete(room);
    this.#stages.set(room, stage);
    const [oldest] = this.#stages.keys();
    if (this.#stages.size > rooms && oldest !== undefined) this.#stages.delete(oldest);
  }

  /** Takes out what is there for this room and number. */
  take(room: RoomId, number: number): readonly Wrap[] {
    const stage = this.#stages.get(room);
    if (stage?.number !== number) return [];
    this.#stages.delete(room);
    return [...stage.wraps.values()];
  }
}
