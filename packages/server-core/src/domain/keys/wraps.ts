/** The wraps of stored epochs: finds them, proves them, and erases what recipients confirm. */
import { type Fingerprint, limits, ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import type { Deletion, LinkStore } from '../../ports/link-store.ts';
import type { Log } from '../../ports/log.ts';
import { proofIn } from '../../ports/wrap-sheet.ts';
import type { WrapConfirmation, WrapStore } from '../../ports/wrap-store.ts';

/** Options of `Wraps`. `clock` returns milliseconds. */
export interface WrapsOptions {
  readonly store: WrapStore & Pick<LinkStore, 'expireLinks'>;
  readonly clock: () => number;
  readonly log: Log;
}

/** Time in which confirmations are collected: the members of a room confirm the same sheets, and each is written once. */
const collectMs = 5_000;
/** Confirmations that are collected at most; one more writes all at once. */
const maxCollected = 10_000;
const expireEveryMs = 60 * 60 * 1_000;
/** Rows of one deletion: other requests wait for it. */
const rowsAtOnce = 500;

/** The wraps that recipients have not confirmed yet. */
export class Wraps {
  readonly #options: WrapsOptions;
  #collected: WrapConfirmation[] = [];
  #collecting: NodeJS.Timeout | undefined;
  #expiring: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: WrapsOptions) {
    this.#options = options;
  }

  /** Deletes old wraps and links now and every hour until `stop`. */
  start(): void {
    void this.expire();
    this.#expiring = setInterval(() => void this.expire(), expireEveryMs);
    this.#expiring.unref();
  }

  /** Writes what was confirmed. Resolves when it is stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#expiring);
    await this.flush();
  }

  /** Returns the wraps that wait for a recipient. */
  async find({ room, from, to }: RequestOf<'get-wraps'>, recipient: Fingerprint): Promise<ResultOf<'get-wraps'>> {
    return { wraps: [...(await this.#options.store.findWraps(room, recipient, { from, to }))] };
  }

  /**
   * Returns what proves the recipient's wrap.
   *
   * @throws ProtocolError `no-wrap`
   */
  async prove(
    { room, number }: RequestOf<'get-wrap-proof'>,
    recipient: Fingerprint,
  ): Promise<ResultOf<'get-wrap-proof'>> {
    const sheet = await this.#options.store.findSheet(room, recipient, number);
    const proof = sheet && proofIn(sheet, recipient);
    if (proof !== null) return proof;
    throw new ProtocolError(
      'no-wrap',
      `The server has nothing of epoch ${number} for you any more: ask a member who is online for its key.`,
    );
  }

  /** Erases wraps some seconds later. A crash before it costs nothing: they are deleted when they are old. */
  confirm(recipient: Fingerprint, { rooms }: RequestOf<'confirm-wraps'>): void {
    for (const each of rooms) this.#collected.push({ ...each, recipient });
    if (this.#collected.length > maxCollected) void this.flush();
    else {
      this.#collecting ??= setTimeout(() => void this.flush(), collectMs);
      this.#collecting.unref();
    }
  }

  /** Writes what was confirmed. Never rejects: a failure is logged, and the next confirmation of the client repeats it. */
  flush(): Promise<void> {
    clearTimeout(this.#collecting);
    this.#collecting = undefined;
    const confirmations = this.#collected;
    this.#collected = [];
    if (confirmations.length > 0) {
      this.#writing = this.#writing
        .then(() => this.#options.store.confirmWraps(confirmations))
        .catch((error: unknown) => this.#options.log.warn({ error }, 'confirmed keys could not be erased'));
    }
    return this.#writing;
  }

  /** Deletes wraps and links that are too old to be fetched. Never rejects: the next hour tries again. */
  async expire(): Promise<void> {
    const { store, clock, log } = this.#options;
    const wrapsBefore = clock() - limits.wrapAge;
    try {
      await this.#deleteAll((limit) => store.expireWraps({ before: wrapsBefore, limit }));
      // An opening is needed for as long as the last wrap on its link.
      await this.#deleteAll((limit) => store.expireLinks({ before: wrapsBefore - limits.linkAge, limit }));
    } catch (error) {
      if (!this.#stopped) log.warn({ error }, 'old keys could not be deleted; the server tries again in an hour');
    }
  }

  async #deleteAll(deleteSome: (limit: number) => Promise<Deletion>): Promise<void> {
    while (!this.#stopped) if (!(await deleteSome(rowsAtOnce)).more) return;
  }
}
