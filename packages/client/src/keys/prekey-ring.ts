/**
 * The user's own prekeys, to which others open links, also while this client is away. The current prekey is signed and stored at
 * the server, and is replaced when it has served for an hour. The one before is kept here until no opening to it can be on its way:
 * the server takes no more of them, and the client has read all openings since. Then it is erased, whatever the rooms have read:
 * what an opening leads to is stored as the client's end of a link.
 *
 * A change erases the prekey before the current one, so it waits for that. The wait is for the server, and ends after an hour.
 */
import { limits, type SignedPrekey, toBase64url } from '@chat/protocol';
import type { OwnPrekey } from '@chat/room';
import type { ClientContext, OwnPrekeys } from '../context.ts';
import { explain, isDisconnection } from '../errors.ts';
import type { Stored, StoredPrekey } from '../storage/stored-state.ts';
import { isSignedByOwner, prekeyWith, signedByOwner } from './own-prekey.ts';
import { isDatedAhead, madeAtOf } from './prekey-time.ts';

/** The delay after a failure of the server, and the shortest time between a login or a change and the next change. */
const minChangeDelayMs = 60_000;
/** Time after which no opening to a replaced prekey comes any more: the server takes them for two minutes. */
const openingsEndMs = 180_000;
/** The longest time to the next review, by running time, so that a machine that slept is not late for longer. */
const reviewMs = 10 * 60_000;
/** How long a change waits for the openings to the prekey before: as long as the prekey was to serve. */
const longestWaitMs = limits.prekeyAge;
/**
 * From this number of logins on, connections that end before the openings are read are reported. After fewer of them the client may
 * only have been away.
 */
const manyLogins = 20;

type Owner = Pick<
  ClientContext,
  'user' | 'signer' | 'crypto' | 'scheduler' | 'authority' | 'request' | 'save' | 'saveSoon' | 'emit' | 'serverLoss'
>;

/** Makes, publishes and erases the prekeys of one user. */
export class PrekeyRing implements OwnPrekeys {
  readonly #owner: Owner;
  readonly #readOpenings: () => Promise<void>;
  /** The signed time of the latest prekey of an earlier version of the protocol; undefined if there was none. */
  readonly earlierMadeAt: number | undefined;
  /** Newest first: the current one, and the one before until it is erased. An earlier version has stored up to 14. */
  #keys: readonly StoredPrekey[];
  #connected = false;
  #working: Promise<void> | null = null;
  #reported = false;
  /** The prekey of another program that was reported, because the server may show it again and again. */
  #reportedForeign = '';
  #cancelNext: () => void = () => undefined;

  /** @param readOpenings asks the server for all openings that wait, and calls `openingsRead` when they are read */
  constructor(owner: Owner, stored: Pick<Stored, 'prekeys' | 'earlierMadeAt'>, readOpenings: () => Promise<void>) {
    this.#owner = owner;
    this.#keys = stored.prekeys;
    this.earlierMadeAt = stored.earlierMadeAt;
    this.#readOpenings = readOpenings;
  }

  /** What is stored. */
  get stored(): readonly StoredPrekey[] {
    return this.#keys;
  }

  find(id: Uint8Array): OwnPrekey | null {
    return prekeyWith(id, this.#keys);
  }

  /** Publishes the current prekey. To be awaited after each login before any room acts, so that others can open links to it. */
  publish(): Promise<void> {
    this.#connected = true;
    return this.#once(async () => {
      // On connections that are cut or refused at every request, this is the only place that is reached.
      const logins = this.#countLogin();
      if (this.#waitedMs() >= longestWaitMs) await this.#change(0, logins >= manyLogins);
      await this.#publishCurrent();
    });
  }

  /** To be called when the connection is lost, and when the client closes. */
  disconnected(): void {
    this.#connected = false;
    this.#cancelNext();
    this.#reported = false;
  }

  openingsRead(askedAt: number): void {
    const [current] = this.#keys;
    if (current === undefined) return;
    if (this.#keys.length > 1 && this.#openingsEndedMs(askedAt) >= 0) {
      this.#keys = [current];
      this.#owner.saveSoon();
    }
    const { unread } = current;
    if (unread === undefined || this.#keys.length > 1) return;
    this.#keepCurrent({ unread: undefined });
    if (unread === 'told') this.#owner.emit({ kind: 'trouble-over', code: 'links-unread' });
  }

  /** Runs one work at a time. A failure of the server is reported once for each connection, and publishing is tried again. */
  #once(work: () => Promise<void>): Promise<void> {
    this.#working ??= work()
      .then(() => this.#plan())
      .catch((error: unknown) => {
        if (isDisconnection(error)) return;
        if (!this.#reported) this.#owner.emit({ kind: 'trouble', ...explain(error) });
        this.#reported = true;
        this.#after(minChangeDelayMs, () => void this.publish());
      })
      .finally(() => {
        this.#working = null;
      });
    return this.#working;
  }

  #after(delayMs: number, action: () => void): void {
    this.#cancelNext();
    // Without a connection nothing is changed: the server would go on handing out the prekey before.
    if (this.#connected) this.#cancelNext = this.#owner.scheduler.after(delayMs, action);
  }

  /** Plans the next review for when the one before can be erased or the current one is to be replaced, and never at once. */
  #plan(): void {
    const untilErasedMs = this.#keys.length > 1 ? -this.#openingsEndedMs(this.#owner.scheduler.now()) : reviewMs;
    const leftMs = Math.min(limits.prekeyAge - this.#ageMs(), untilErasedMs, reviewMs);
    this.#after(Math.max(minChangeDelayMs, leftMs), () => void this.#review());
  }

  /** Erases the prekey before the current one if it has served its time, and replaces the current one if that has. */
  async #review(): Promise<void> {
    const hasEnded = this.#openingsEndedMs(this.#owner.scheduler.now()) >= 0;
    if (this.#keys.length > 1 && hasEnded) await this.#readOpenings();
    const isUnread = this.#keys.length > 1;
    const waitedMs = this.#waitedMs();
    if (isUnread && hasEnded && this.#keys[0]?.unread === 'untold') this.#tellUnread();
    if (waitedMs >= 0 && (!isUnread || waitedMs >= longestWaitMs)) void this.#once(() => this.#change(0, true));
    else this.#plan();
  }

  /** Returns for how long, at a time, no opening to the prekey before could have come; a negative number if one still may. */
  #openingsEndedMs(at: number): number {
    const now = this.#owner.scheduler.now();
    const [current] = this.#keys;
    if (current?.publishedAt === undefined) return -openingsEndMs;
    // The clock was ahead and has been set back.
    if (current.publishedAt > now) this.#keepCurrent({ publishedAt: now });
    return at - Math.min(now, current.publishedAt) - openingsEndMs;
  }

  /** Returns for how long the current prekey has been in use. */
  #ageMs(): number {
    const now = this.#owner.scheduler.now();
    const [current] = this.#keys;
    if (current === undefined) return 0;
    // If the clock was ahead and has been set back, the prekey would stay in use for that much longer.
    if (current.since > now) this.#keepCurrent({ since: now });
    return Math.max(0, now - current.since);
  }

  /**
   * Returns for how long the current prekey was to be replaced, over all connections since; a negative number if it need not be
   * replaced yet. It counts from when this client was connected and found it so, not from when it was away.
   */
  #waitedMs(): number {
    const now = this.#owner.scheduler.now();
    const [current] = this.#keys;
    if (current === undefined || this.#ageMs() < limits.prekeyAge) return -1;
    if (current.dueSince === undefined || current.dueSince > now) {
      this.#keepCurrent({ dueSince: now });
      return 0;
    }
    return now - current.dueSince;
  }

  /** Returns the number of logins since the prekey was to be replaced; 0 if it need not be replaced yet. */
  #countLogin(): number {
    if (this.#waitedMs() < 0) return 0;
    const dueLogins = (this.#keys[0]?.dueLogins ?? 0) + 1;
    this.#keepCurrent({ dueLogins });
    return dueLogins;
  }

  #keepCurrent(changed: Partial<StoredPrekey>): void {
    const [current, ...before] = this.#keys;
    if (current === undefined) return;
    this.#keys = [{ ...current, ...changed }, ...before];
    this.#owner.saveSoon();
  }

  async #publishCurrent(): Promise<void> {
    const { request, user, emit, scheduler } = this.#owner;
    const { prekeys } = await request('get-prekeys', { users: [user] });
    const [atServer] = prekeys;
    const own = atServer !== undefined && isSignedByOwner(this.#owner, atServer) ? atServer : null;
    if (atServer !== undefined && own === null) emit({ kind: 'trouble', code: 'wrong-prekey', reason: notOwn });
    const [current] = this.#keys;
    const isLater = own !== null && own.madeAt > (current?.madeAt ?? -1);
    if (isLater) this.#reportForeign(own);
    const isUnusable = current === undefined || isDatedAhead(current.madeAt, scheduler.now());
    if (isUnusable || isLater) await this.#replace(own?.madeAt ?? 0);
    else if (own?.prekey !== current.publicKey) await this.#putAgain(current, atServer === undefined || own !== null);
    else if (current.publishedAt === undefined) this.#keepCurrent({ publishedAt: scheduler.now() });
  }

  /**
   * Sends the current prekey to a server that does not show it. If the server has taken it before, and takes it again, it had lost it.
   *
   * @param isHonest false if the server shows a prekey instead that the user has not signed
   */
  async #putAgain(current: StoredPrekey, isHonest: boolean): Promise<void> {
    await this.#put(current);
    if (current.publishedAt === undefined || !isHonest) return;
    this.#owner.emit({ kind: 'server-lost-prekey' });
    this.#owner.serverLoss.found();
  }

  /** Reports a prekey that was signed with the user's identity key, unless this client has made it. */
  #reportForeign({ prekey, madeAt }: SignedPrekey): void {
    const isKnown = this.#keys.some(({ publicKey }) => publicKey === prekey);
    if (isKnown || this.#reportedForeign === prekey) return;
    this.#reportedForeign = prekey;
    const ahead = isDatedAhead(madeAt, this.#owner.scheduler.now());
    this.#owner.emit({ kind: 'foreign-prekey', madeAt, ahead });
  }

  /**
   * Replaces the prekey. If the one before it is still there, openings to that one may be lost, and the user learns why.
   *
   * @param isServer false if it is not known yet whether the server is the cause; a later review tells it
   */
  async #change(after: number, isServer: boolean): Promise<void> {
    if (this.#keys.length > 1 && this.#keys[0]?.unread !== 'told') {
      this.#keepCurrent({ unread: 'untold' });
      if (isServer) this.#tellUnread();
    }
    await this.#replace(after);
  }

  #tellUnread(): void {
    this.#keepCurrent({ unread: 'told' });
    this.#owner.emit({ kind: 'trouble', code: 'links-unread', reason: unreadOpenings });
  }

  /** Makes a new prekey, stores it and sends its public key to the server. Keeps the one before, and no earlier one. */
  async #replace(after: number): Promise<void> {
    const { crypto, scheduler } = this.#owner;
    const since = scheduler.now();
    const [current] = this.#keys;
    const times = [after, current?.madeAt ?? 0, this.earlierMadeAt ?? 0].filter((time) => !isDatedAhead(time, since));
    const { seed, publicKey } = crypto.newPrekey();
    const made: StoredPrekey = {
      publicKey: toBase64url(publicKey),
      seed: toBase64url(seed),
      madeAt: madeAtOf(since, Math.max(0, ...times), crypto),
      since,
      ...(current?.unread === undefined ? {} : { unread: current.unread }),
    };
    this.#keys = [made, ...this.#keys.slice(0, 1)];
    await this.#put(made);
  }

  /**
   * Stores the prekey before the server gets it, so that a link to it can be accepted after a crash. Until the server has it, links
   * are opened to the one before.
   */
  async #put(prekey: StoredPrekey): Promise<void> {
    const { request, save, scheduler } = this.#owner;
    await save();
    await request('put-prekey', signedByOwner(this.#owner, prekey));
    if (this.#keys[0]?.publicKey === prekey.publicKey) this.#keepCurrent({ publishedAt: scheduler.now() });
  }
}

const notOwn =
  'The server hands out a prekey in your name that your key has not signed. Other clients refuse it, too; ask the operator of the server.';
const unreadOpenings =
  'For an hour your client could not read which links other members have opened to it: the server did not hand them out, or each connection was too short. Your prekey was replaced without waiting any longer, so some of these links are lost, and your client asks other members for the keys that came over them. If this lasts, ask the operator of the server.';
