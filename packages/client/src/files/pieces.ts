/** Moves many pieces, a few at a time and in their order, so that messages do not wait behind them on a slow line. */
import { limits } from '@chat/protocol';

/** The most pieces under way. On a line with 50 ms to the server these are 10 MB a second. */
const maxWindow = 8;
/** A piece that takes longer fills the line: then fewer are under way. A message waits for about so long at most. */
const slowPieceMs = 300;

/** The pieces to move, and how. */
export interface Pieces<T> {
  /** The first byte that is to be moved. */
  readonly from: number;
  /** The byte after the last one. */
  readonly to: number;
  /** Returns milliseconds. */
  readonly now: () => number;
  /** Begins to move a piece. */
  move(offset: number, length: number): Promise<T>;
  /** Takes the result of a piece, in the order of the pieces. What it throws ends the move. */
  moved(result: T, offset: number, length: number): Promise<void> | void;
}

/** Moves all pieces. Rejects with the first error; what is under way then is not awaited. */
export async function movePieces<T>({ from, to, now, move, moved }: Pieces<T>): Promise<void> {
  const underWay: {
    readonly offset: number;
    readonly length: number;
    readonly since: number;
    readonly done: Promise<T>;
  }[] = [];
  let window = 2;
  for (let next = from; next < to || underWay.length > 0; ) {
    while (next < to && underWay.length < window) {
      const length = Math.min(limits.blobPieceBytes, to - next);
      const done = move(next, length);
      // The first error is thrown below. Those after it say the same.
      done.catch(() => undefined);
      underWay.push({ offset: next, length, since: now(), done });
      next += length;
    }
    const first = underWay.shift();
    if (first === undefined) return;
    const result = await first.done;
    window = now() - first.since > slowPieceMs ? Math.max(1, window - 1) : Math.min(maxWindow, window + 1);
    await moved(result, first.offset, first.length);
  }
}
