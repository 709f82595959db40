/** One transfer: what is stored of it, how far it has got, and what is reported of it. */
import { blobBytesOf } from '@chat/protocol';
import type { Explanation } from '../errors.ts';
import type { TransferState, TransferView } from '../view.ts';
import { Meter, type Speed } from './progress.ts';
import type { StoredSave, StoredSend, StoredTransfer } from './stored-transfers.ts';

/** Progress is reported at most so often. */
const reportEveryMs = 500;
const unknownSpeed: Speed = { bytesPerSecond: null, leftMs: null };

/** What a transfer calls. */
export interface TransferWatch {
  /** Returns milliseconds. */
  readonly now: () => number;
  /** Called when what is shown has changed. */
  readonly changed: (view: TransferView) => void;
}

/** A transfer of this client. */
export class Transfer<S extends StoredTransfer = StoredTransfer> {
  /** What is stored of it, while it is not over. */
  stored: S;
  /** True once it has begun anew, because what had moved was of no use. */
  hasBegunAnew = false;
  /** True once the outbox has the message of a file that was sent. */
  isSaid = false;
  readonly #watch: TransferWatch;
  readonly #ending = new AbortController();
  readonly #meter: Meter;
  #state: TransferState = 'waiting';
  #moved = 0;
  #speed = unknownSpeed;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #end: Pick<TransferView, 'path' | 'seq' | 'why'> = { path: null, seq: null, why: null };

  constructor(stored: S, watch: TransferWatch) {
    this.stored = stored;
    this.#watch = watch;
    this.#meter = new Meter(watch.now);
  }

  /** Aborted when the transfer ends before its aim: it was cancelled, or the client closes. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Bytes of the ciphertext. */
  get total(): number {
    return blobBytesOf(this.stored.file.size);
  }

  get isOver(): boolean {
    return this.#state === 'done' || this.#state === 'failed' || this.#state === 'cancelled';
  }

  get view(): TransferView {
    const { id, direction, roomName, file } = this.stored;
    const [state, moved] = [this.#state, this.#moved];
    const total = state === 'preparing' ? file.size : this.total;
    return {
      id,
      direction,
      roomName,
      name: file.name,
      size: file.size,
      state,
      moved,
      total,
      ...this.#speed,
      ...this.#end,
    };
  }

  /** Ends what is under way. */
  abort(): void {
    this.#ending.abort();
  }

  /** Enters a state with so many bytes done, and reports it. What is over stays as it is, whatever is still under way. */
  enter(state: TransferState, moved: number = this.#moved): void {
    if (this.isOver) return;
    this.#state = state;
    this.#moved = moved;
    this.#speed = unknownSpeed;
    this.#meter.begin(moved);
    this.#report();
  }

  /** Notes that so many bytes are done. */
  progress(moved: number): void {
    if (this.isOver) return;
    this.#moved = moved;
    this.#speed = this.#meter.note(moved, this.view.total);
    if (this.#watch.now() - this.#reportedAt >= reportEveryMs) this.#report();
  }

  /** Notes the end: the position of the message, or the path of the file. */
  done(end: { readonly seq: number } | { readonly path: string }): void {
    this.#end = { ...this.#end, ...end };
    this.enter('done', this.total);
  }

  /** Notes that the transfer has failed, and why. */
  failed(why: Explanation): void {
    this.#end = { ...this.#end, why };
    this.enter('failed');
  }

  #report(): void {
    this.#reportedAt = this.#watch.now();
    this.#watch.changed(this.view);
  }
}

/** Returns whether a transfer sends a file. */
export const isSend = (transfer: Transfer): transfer is Transfer<StoredSend> => transfer.stored.direction === 'send';
/** Returns whether a transfer fetches one. */
export const isSave = (transfer: Transfer): transfer is Transfer<StoredSave> => transfer.stored.direction === 'save';
