/**
 * Fetches the openings of links that wait for the user: after each login and when the server says that some wait, whatever the
 * rooms do. An opening is accepted and stored before the server erases it.
 */
import { type LinkName, limits } from '@chat/protocol';
import type { ClientContext, Mail } from '../../context.ts';
import { explain, isDisconnection } from '../../errors.ts';
import { maxLinks, type ReceivedOpening } from './recipient-links.ts';

/** The delay after a failure of the server. */
const retryDelayMs = 60_000;
/** Openings that the client takes after one login, so that a server without end of them does not keep it busy. */
const openingsPerLogin = maxLinks;

type Owner = Pick<ClientContext, 'request' | 'save' | 'emit' | 'scheduler'>;

/** The openings that wait for one user. */
export class LinkMail implements Mail {
  readonly #owner: Owner;
  readonly #accept: (opening: ReceivedOpening) => boolean;
  readonly #read: (askedAt: number) => void;
  #working: Promise<void> | null = null;
  /** True if openings may have come since the latest request. */
  #again = false;
  /** Openings that this client still takes on this connection. */
  #left = 0;
  #connected = false;
  #reported = false;
  #cancelRetry: () => void = () => undefined;

  /**
   * @param accept takes an opening; returns false if this client cannot use the link
   * @param read called when no opening waits any more, with the time of the request that has shown it
   */
  constructor(owner: Owner, accept: (opening: ReceivedOpening) => boolean, read: (askedAt: number) => void) {
    this.#owner = owner;
    this.#accept = accept;
    this.#read = read;
  }

  fetch(): Promise<void> {
    if (!this.#connected) return Promise.resolve();
    this.#again = true;
    this.#working ??= this.#fetchAll()
      .catch((error: unknown) => {
        this.#again = false;
        if (isDisconnection(error)) return;
        if (!this.#reported) this.#owner.emit({ kind: 'trouble', ...explain(error) });
        this.#reported = true;
        this.#cancelRetry();
        if (this.#connected) this.#cancelRetry = this.#owner.scheduler.after(retryDelayMs, () => void this.fetch());
      })
      .finally(() => {
        this.#working = null;
        // The server says only once that openings wait, and it may have done so since the last request.
        if (this.#again && this.#left > 0) void this.fetch();
      });
    return this.#working;
  }

  async reportLost(lost: readonly LinkName[]): Promise<void> {
    try {
      await this.#owner.request('confirm-links', { taken: [], lost: lost.slice(0, limits.linksPerConfirmation) });
    } catch (error) {
      // Without this report the sender learns of it when its next wrap finds no link, or not before the link is a day old.
      if (!isDisconnection(error)) this.#owner.emit({ kind: 'trouble', ...explain(error) });
    }
  }

  /** To be called after each login. */
  connected(): void {
    this.#connected = true;
    this.#left = openingsPerLogin;
    void this.fetch();
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#connected = false;
    this.#reported = false;
    this.#cancelRetry();
  }

  async #fetchAll(): Promise<void> {
    const { request, save, scheduler } = this.#owner;
    let askedAt: number | null = null;
    for (let more = false; (more || this.#again) && this.#left > 0; ) {
      this.#again = false;
      const now = scheduler.now();
      const page = await request('get-links', {});
      const taken: LinkName[] = [];
      const lost: LinkName[] = [];
      for (const opening of page.links) {
        const { from, id } = opening;
        (this.#accept(opening) ? taken : lost).push({ from, id });
      }
      if (page.links.length > 0) {
        await save();
        await request('confirm-links', { taken, lost });
      }
      this.#left -= page.links.length;
      more = page.more && page.links.length > 0;
      askedAt = page.more ? null : now;
    }
    if (askedAt !== null && this.#connected) this.#read(askedAt);
  }
}
