/** Wraps that a session has put for an epoch entry which it is about to append. They are bounded and end with the session. */
import { type RoomId, wrapBytes } from '@chat/protocol';
import { SheetHashes } from '../../ports/wrap-sheet.ts';
import type { StagedEpoch, StagedList, WrapSource } from '../../ports/wrap-source.ts';

interface Stage extends StagedList {
  readonly epoch: StagedEpoch;
}

/** Rooms for which one session can stage wraps at a time. One more replaces the oldest. */
const maxStagedRooms = 4;

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The wraps of one session, for at most one epoch of each room. */
export class StagedWraps implements WrapSource {
  readonly #stages = new Map<RoomId, Stage>();

  /**
   * Adds wraps to those of the same epoch for the same recipients. Others replace them.
   *
   * @param recipients fingerprints in their order, 32 bytes each
   * @param wraps where to put the wraps, and what they are: null erases one that was put before
   * @returns the hashes of all, to be made before the entry comes
   */
  put(epoch: StagedEpoch, recipients: Uint8Array, wraps: ReadonlyMap<number, Uint8Array | null>): SheetHashes {
    const before = this.#stages.get(epoch.room);
    const continues = before !== undefined && isOf(before, epoch) && isSame(before.recipients, recipients);
    const stage = continues ? before : newStage(epoch, recipients);
    for (const [index, wrap] of wraps) {
      const slot = stage.slots.subarray(wrapBytes * index, wrapBytes * (index + 1));
      if (wrap === null) slot.fill(0);
      else slot.set(wrap);
      stage.hashes.changed(index);
    }
    // A Map keeps the order of insertion: after this the first room is the one whose wraps are the oldest.
    this.#stages.delete(epoch.room);
    this.#stages.set(epoch.room, stage);
    const [oldest] = this.#stages.keys();
    if (this.#stages.size > maxStagedRooms && oldest !== undefined) this.#stages.delete(oldest);
    return stage.hashes;
  }

  take(epoch: StagedEpoch): StagedList | null {
    const stage = this.#stages.get(epoch.room);
    if (stage === undefined || !isOf(stage, epoch)) return null;
    this.#stages.delete(epoch.room);
    return stage;
  }
}

function newStage(epoch: StagedEpoch, recipients: Uint8Array): Stage {
  const list = { recipients, slots: new Uint8Array((recipients.length / 32) * wrapBytes) };
  return { epoch, ...list, hashes: new SheetHashes(list) };
}

const isOf = ({ epoch }: Stage, { number, kind }: StagedEpoch): boolean =>
  epoch.number === number && epoch.kind === kind;
