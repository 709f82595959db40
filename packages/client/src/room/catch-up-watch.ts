/**
 * Watches that the server sends a room's log up to its end. A log that never ends would keep the user from sending, and duties of the
 * client wait for it, so a minute without the end is reported. Only the time counts for which this client asks for the log, over all
 * connections, so that a server gains nothing by cutting each of them.
 */
import type { RoomId, RoomName } from '@chat/protocol';
import type { ClientContext } from '../context.ts';

/** How long the server may take. */
const patienceMs = 60_000;
/** A part that has begun counts in full: a connection that ends at once is no way to send nothing. */
const partMs = 6_000;
/** A server that sends as many entries in that time is sending a long backlog over a slow line. */
const leastEntries = 10;

/** Watches one room. */
export class CatchUpWatch {
  readonly #context: Pick<ClientContext, 'scheduler' | 'emit'>;
  readonly #place: { readonly roomId: RoomId; readonly roomName: RoomName };
  #waitedMs = 0;
  #entries = 0;
  #isReported = false;
  /** Ends the part of the wait that has begun; null while the log is not awaited. */
  #cancel: (() => void) | null = null;

  constructor(
    context: Pick<ClientContext, 'scheduler' | 'emit'>,
    { roomId, roomName }: { readonly roomId: RoomId; readonly roomName: RoomName },
  ) {
    this.#context = context;
    this.#place = { roomId, roomName };
  }

  /** To be called when the client asks for the log. */
  begin(): void {
    this.#cancel ??= this.#context.scheduler.after(partMs, () => {
      this.pause();
      this.begin();
    });
  }

  /** To be called for each entry that the server sends. */
  received(): void {
    if (this.#cancel !== null) this.#entries += 1;
  }

  /** To be called when the server says that this was all. */
  end(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#restart();
    if (this.#isReported) this.#context.emit({ kind: 'stall-over', ...this.#place });
    this.#isReported = false;
  }

  /** To be called when the log is not awaited any more, because the connection is lost or the server denies access. */
  pause(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.#waitedMs += partMs;
    if (this.#waitedMs < patienceMs) return;
    if (this.#entries < leastEntries && !this.#isReported) {
      this.#isReported = true;
      this.#context.emit({ kind: 'stalled', ...this.#place, forMs: this.#waitedMs });
    }
    this.#restart();
  }

  #restart(): void {
    this.#waitedMs = 0;
    this.#entries = 0;
  }
}
