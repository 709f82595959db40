/**
 * The user's own prekeys, to which others open links, also while this client is away. The current prekey is signed and stored at
 * the server. The previous one is kept here for links that were opened to it, and erased with the next change: a thief of this
 * device and of the server's data can open what came over links of the last two prekeys, nothing older. While an invitation by a
 * user whom the local user knows waits, or rooms are not read to the end, the client keeps the prekeys of two weeks.
 *
 * A change waits for the rooms, and the rooms wait for the server, so the wait ends a day after the prekey was to be replaced.
 */
import { limits, type SignedPrekey, toBase64url } from '@chat/protocol';
import type { OwnPrekey } from '@chat/room';
import type { ClientContext, OwnPrekeys } from '../context.ts';
import { explain, isDisconnection } from '../errors.ts';
import type { Stored, StoredPrekey } from '../storage/stored-state.ts';
import { isInvitedByKnownUser } from './known-inviters.ts';
import { isSignedByOwner, prekeyWith, signedByOwner } from './own-prekey.ts';
import { isDatedAhead, madeAtOf } from './prekey-time.ts';
import { keptPrekeyMs, type UnsettledRoom, unsettledTrouble } from './unsettled-rooms.ts';

/**
 * The delay after a failure of the server, and the shortest time between a login or a change and the next change. A client that
 * looked up the previous prekey has long sent its opening by then.
 */
const minChangeDelayMs = 60_000;
/** How long a change waits for the rooms: as long as the prekey was to serve. */
const longestWaitMs = limits.prekeyAge;
/**
 * From this number of logins on, connections that end before the rooms are read are reported. After fewer of them the client may
 * only have been away.
 */
const manyLogins = 20;
/** How many prekeys are kept at most, the current one included. */
const keptPrekeys = { always: 2, whileNeeded: 14 };

type Owner = Pick<
  ClientContext,
  'user' | 'signer' | 'crypto' | 'scheduler' | 'authority' | 'pins' | 'request' | 'save' | 'saveSoon' | 'emit'
>;

/** Makes, publishes and erases the prekeys of one user. */
export class PrekeyRing implements OwnPrekeys {
  readonly #owner: Owner;
  readonly #unsettled: () => readonly UnsettledRoom[];
  /** The signed time of the latest prekey of an earlier version of the protocol; undefined if there was none. */
  readonly earlierMadeAt: number | undefined;
  /** Newest first. */
  #keys: readonly StoredPrekey[];
  #connected = false;
  #working: Promise<void> | null = null;
  #reported = false;
  /** The prekey of another program that was reported, because the server may show it again and again. */
  #reportedForeign = '';
  /** What was missing when the latest connection ended. */
  #lastUnsettled: readonly UnsettledRoom[] = [];
  #cancelNext: () => void = () => undefined;

  /** @param unsettled returns the rooms from which a wrap that was made for this user by now may not have been fetched */
  constructor(
    owner: Owner,
    stored: Pick<Stored, 'prekeys' | 'earlierMadeAt'>,
    unsettled: () => readonly UnsettledRoom[],
  ) {
    this.#owner = owner;
    this.#keys = stored.prekeys;
    this.earlierMadeAt = stored.earlierMadeAt;
    this.#unsettled = unsettled;
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
      if (this.#waitedMs() >= longestWaitMs) {
        await this.#changeUnsettled(logins < manyLogins ? null : this.#lastUnsettled);
      }
      await this.#publishCurrent();
    });
  }

  /** To be called when the connection is lost, and when the client closes, before the rooms note it. */
  disconnected(): void {
    if (this.#connected) this.#noteEnd();
    this.#connected = false;
    this.#cancelNext();
    this.#reported = false;
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

  /** Plans the next review for the end of the current prekey's life, by running time and never at once. */
  #plan(): void {
    const [current] = this.#keys;
    if (current === undefined) return;
    const leftMs = current.unsettled !== undefined ? 0 : limits.prekeyAge - this.#ageMs();
    this.#after(Math.max(minChangeDelayMs, leftMs), () => this.#review());
  }

  /** Changes the prekey if it has served its time and no link to the oldest one, which the change erases, may be on its way. */
  #review(): void {
    const waitedMs = this.#waitedMs();
    const unsettled = this.#unsettled();
    this.#noteUnsettled(unsettled);
    if (waitedMs < 0) this.#plan();
    else if (unsettled.length === 0) void this.#once(() => this.#change(0));
    else if (waitedMs >= longestWaitMs) void this.#once(() => this.#changeUnsettled(unsettled));
    else this.#after(minChangeDelayMs, () => this.#review());
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

  /** Remembers whether the rooms were read to the end on this connection, which may have been too short for a change. */
  #noteEnd(): void {
    this.#lastUnsettled = this.#unsettled();
    if (this.#lastUnsettled.length === 0 && this.#waitedMs() >= 0) this.#keepCurrent({ wasSettled: true });
  }

  /** After a change that did not wait: reports once that rooms are unread, and once that they are read. */
  #noteUnsettled(unsettled: readonly UnsettledRoom[]): void {
    const state = this.#keys[0]?.unsettled;
    if (state === undefined) return;
    if (unsettled.length === 0) {
      this.#keepCurrent({ unsettled: undefined });
      if (state === 'told') this.#owner.emit({ kind: 'trouble-over', code: 'rooms-unread' });
    } else if (state === 'untold') {
      this.#keepCurrent({ unsettled: 'told' });
      this.#owner.emit({ kind: 'trouble', ...unsettledTrouble(unsettled) });
    }
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
    if (isUnusable || isLater) await this.#change(own?.madeAt ?? 0);
    else if (own?.prekey !== current.publicKey) await this.#put(current);
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
   * Changes the prekey although links to earlier ones may be on their way. Those prekeys are kept longer, and the user learns why.
   *
   * @param unsettled null if it is not known yet whether the server is the cause; `#noteUnsettled` tells it
   */
  async #changeUnsettled(unsettled: readonly UnsettledRoom[] | null): Promise<void> {
    const [current] = this.#keys;
    if (current?.wasSettled !== true && current?.unsettled !== 'told') {
      this.#keepCurrent({ unsettled: 'untold' });
      if (unsettled !== null) {
        this.#keepCurrent({ unsettled: 'told' });
        this.#owner.emit({ kind: 'trouble', ...unsettledTrouble(unsettled) });
      }
    }
    // The server may let no answer through for which a decision could wait.
    await this.#replace(this.#toKeep(keptPrekeys.whileNeeded), 0);
  }

  /** @param after the new prekey's `madeAt` is later than this */
  async #change(after: number): Promise<void> {
    const count = this.#keys.length > 0 && (await this.#mayBeNeeded()) ? keptPrekeys.whileNeeded : keptPrekeys.always;
    await this.#replace(this.#toKeep(count), after);
  }

  /** Returns whether an invitation by a known user waits, or was accepted and its keys are on their way. */
  async #mayBeNeeded(): Promise<boolean> {
    try {
      return (await isInvitedByKnownUser(this.#owner)) || this.#unsettled().length > 0;
    } catch (error) {
      if (isDisconnection(error)) throw error;
      return true;
    }
  }

  /** Returns the prekeys to keep beside a new one: so many, but none that was replaced more than two weeks ago. */
  #toKeep(count: number): readonly StoredPrekey[] {
    const now = this.#owner.scheduler.now();
    return this.#keys.slice(0, count - 1).filter((_, index) => {
      const next = this.#keys[index - 1];
      return next === undefined || now - next.since < keptPrekeyMs;
    });
  }

  /** Makes a new prekey, stores it and sends its public key to the server. */
  async #replace(before: readonly StoredPrekey[], after: number): Promise<void> {
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
      ...(current?.unsettled === undefined ? {} : { unsettled: current.unsettled }),
    };
    this.#keys = [made, ...before];
    await this.#put(made);
  }

  /** Stores the prekey before the server gets it, so that a link to it can be accepted after a crash. */
  async #put(prekey: StoredPrekey): Promise<void> {
    const { request, save } = this.#owner;
    await save();
    await request('put-prekey', signedByOwner(this.#owner, prekey));
  }
}

const notOwn =
  'The server hands out a prekey in your name that your key has not signed. Other clients refuse it, too; ask the operator of the server.';
