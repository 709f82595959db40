/** Moves the files of the transfers of one client: some at once, the others after them. */
import type { RoomId } from '@chat/protocol';
import { ClientError, explain } from '../errors.ts';
import type { SendOptions } from '../messages/saying.ts';
import type { Scheduler } from '../scheduler.ts';
import { download, endError, type MoveContext, reactionOf, upload } from './move-file.ts';
import type { StoredSend } from './stored-transfers.ts';
import { isSave, isSend, type Transfer } from './transfer.ts';

/** Transfers that move at once. */
const maxRunning = 3;
const pauseMs = 1_000;

/** The room to which a file is sent. */
export interface SendingRoom {
  send(
    said: { readonly kind: 'file' } & Pick<StoredSend, 'file' | 'text'>,
    options?: SendOptions,
  ): Promise<{ readonly seq: number }>;
}

/** What a queue needs. */
export interface TransferQueueOptions extends Omit<MoveContext, 'now'> {
  readonly scheduler: Scheduler;
  isOnline(): boolean;
  /** Returns a room in which the user can speak; null if the user is out of it. */
  find(roomId: RoomId): SendingRoom | null;
  /** The transfers that are not over, in their order. */
  waiting(): readonly Transfer[];
}

/** The transfers of one client, as they move. */
export class TransferQueue {
  readonly #options: TransferQueueOptions;
  /** Resolves when the files of earlier transfers are removed. */
  readonly #ready: Promise<unknown>;
  readonly #running = new Map<Transfer, Promise<void>>();
  /** Wake what waits for a connection, or pauses. */
  readonly #sleeping = new Set<() => void>();
  #isClosed = false;

  /** @param kept the spools of the transfers that are stored: all others are removed */
  constructor(options: TransferQueueOptions, kept: readonly string[]) {
    this.#options = options;
    this.#ready = options.files.keepOnly(kept).catch(() => undefined);
  }

  /** Goes on. To be called after each login, and when a transfer was added. */
  advance(): void {
    for (const wake of this.#sleeping) wake();
    this.#startNext();
  }

  /** Removes what a transfer does not need any more. Never rejects: the next start removes the rest. */
  async clear({ stored }: Transfer, isInVain: boolean): Promise<void> {
    const { save, files, request } = this.#options;
    await save().catch(() => undefined);
    await files.remove(stored.spool).catch(() => undefined);
    if (!isInVain || stored.direction !== 'send') return;
    // Without it, the server forgets the bytes some days later.
    request('blob-delete', { room: stored.roomId, blob: stored.file.blob }).catch(() => undefined);
  }

  /** Stops what is under way. Resolves when no file is used any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const transfer of this.#running.keys()) transfer.abort();
    for (const wake of this.#sleeping) wake();
    await this.#ready;
    await Promise.all(this.#running.values());
  }

  #startNext(): void {
    if (this.#isClosed) return;
    const next = this.#options
      .waiting()
      .filter((each) => !each.isSaid && !each.signal.aborted && !this.#running.has(each));
    for (const transfer of next.slice(0, Math.max(0, maxRunning - this.#running.size))) {
      const work = this.#run(transfer).finally(() => {
        this.#running.delete(transfer);
        this.#startNext();
      });
      this.#running.set(transfer, work);
    }
  }

  /** Moves a file until that has succeeded or failed. Never rejects. */
  async #run(transfer: Transfer): Promise<void> {
    await this.#ready;
    while (!transfer.signal.aborted && !transfer.isOver) {
      try {
        await this.#move(transfer);
        return;
      } catch (error) {
        if (!transfer.signal.aborted) await this.#react(transfer, error);
      }
    }
  }

  async #react(transfer: Transfer, error: unknown): Promise<void> {
    const reaction = reactionOf(error, isSend(transfer));
    if (reaction === 'wait') {
      transfer.enter('waiting');
      // A connected client did not get an answer: it asks again soon.
      await this.#sleep(this.#options.isOnline());
    } else if (reaction === 'pause') await this.#sleep(true);
    else if (reaction === 'begin-anew' && !transfer.hasBegunAnew) {
      transfer.hasBegunAnew = true;
      await this.clear(transfer, true);
    } else await this.#fail(transfer, error);
  }

  async #move(transfer: Transfer): Promise<void> {
    const context = { ...this.#options, now: () => this.#options.scheduler.now() };
    if (isSave(transfer)) {
      transfer.done({ path: await download(context, transfer) });
      await this.clear(transfer, false);
    } else if (isSend(transfer)) {
      await upload(context, transfer);
      if (!transfer.signal.aborted) await this.#say(transfer);
    }
  }

  /** Sends the message. From here on the outbox has it: the write of the state that puts it there takes the transfer out. */
  async #say(transfer: Transfer<StoredSend>): Promise<void> {
    const { roomId, roomName, file, text, cid } = transfer.stored;
    const room = this.#options.find(roomId);
    if (room === null) throw new ClientError('not-joined', `You are not in ${roomName} any more.`);
    transfer.isSaid = true;
    void room.send({ kind: 'file', file, text }, { cid }).then(
      (place) => transfer.done(place),
      // A client that closes has the message in its outbox.
      (error: unknown) => (explain(error).code === 'closed' ? undefined : this.#fail(transfer, error)),
    );
    await this.clear(transfer, false);
  }

  async #fail(transfer: Transfer, error: unknown): Promise<void> {
    transfer.failed(explain(endError(error)));
    await this.clear(transfer, true);
  }

  /**
   * Resolves after the next login, or when the client closes.
   *
   * @param isShort true to wait a second at most
   */
  #sleep(isShort: boolean): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleeping.delete(wake);
        cancel();
        resolve();
      };
      const cancel = isShort ? this.#options.scheduler.after(pauseMs, wake) : () => undefined;
      this.#sleeping.add(wake);
    });
  }
}
