/**
 * The user's own prekeys, to which others wrap room keys, also while this client is away. The current prekey is signed and
 * stored at the server. The previous one is kept here for wraps that were made to it, and erased with the next change: a thief of
 * this device and of the server's data can open what was wrapped during the last two prekeys, nothing older. While an invitation
 * waits for the user, the client keeps the prekeys of two weeks, because it cannot fetch the invitation's wraps before the join.
 */
import { fromBase64url, limits, prekeyStatement, type SignedPrekey, toBase64url } from '@chat/protocol';
import type { Prekey } from '@chat/room';
import type { ClientContext, OwnPrekeys } from '../context.ts';
import { explain, isDisconnection } from '../errors.ts';
import type { StoredPrekey } from '../storage/stored-state.ts';
import { madeAtOf } from './prekey-time.ts';

/**
 * The delay after a failure of the server, and the shortest time between a login or a change and the next change. A client that
 * looked up the previous prekey has long sent its wraps by then.
 */
const minChangeDelayMs = 60_000;
/** How many prekeys are kept, the current one included. */
const keptPrekeys = { always: 2, whileInvited: 14 };

type Owner = Pick<
  ClientContext,
  'user' | 'signer' | 'crypto' | 'scheduler' | 'authority' | 'request' | 'save' | 'emit'
>;

/** Makes, publishes and erases the prekeys of one user. */
export class PrekeyRing implements OwnPrekeys {
  readonly #owner: Owner;
  readonly #isSettled: () => boolean;
  /** Newest first. */
  #keys: readonly StoredPrekey[];
  #connected = false;
  #working: Promise<void> | null = null;
  #reported = false;
  #cancelNext: () => void = () => undefined;

  /** @param isSettled returns whether every wrap that was made for this user by now has been fetched */
  constructor(owner: Owner, stored: readonly StoredPrekey[], isSettled: () => boolean) {
    this.#owner = owner;
    this.#keys = stored;
    this.#isSettled = isSettled;
  }

  /** What is stored. */
  get stored(): readonly StoredPrekey[] {
    return this.#keys;
  }

  get keys(): readonly Prekey[] {
    return this.#keys.map(({ publicKey, privateKey }) => ({
      publicKey: fromBase64url(publicKey),
      privateKey: fromBase64url(privateKey),
    }));
  }

  /** Publishes the current prekey. To be awaited after each login before any room acts, so that others can wrap keys to it. */
  publish(): Promise<void> {
    this.#connected = true;
    return this.#once(() => this.#publishCurrent());
  }

  /** To be called when the connection is lost, and when the client closes. */
  disconnected(): void {
    this.#connected = false;
    this.#cancelNext();
    this.#reported = false;
  }

  /** Runs one work at a time. A failure of the server is reported once for each connection, and publishing is tried again. */
  #once(work: () => Promise<void>): Promise<void> {
    this.#working ??= work()
      .then(() => this.#planChange())
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

  /** Plans the change for the end of the current prekey's life, by running time and never at once. */
  #planChange(): void {
    const [current, ...before] = this.#keys;
    if (current === undefined) return;
    const now = this.#owner.scheduler.now();
    // If the clock was ahead and has been set back, the prekey would stay in use for that much longer.
    if (current.since > now) this.#keys = [{ ...current, since: now }, ...before];
    const age = Math.max(0, now - current.since);
    this.#after(Math.max(minChangeDelayMs, limits.prekeyAge - age), () => this.#changeIfSettled());
  }

  /** Waits while a wrap to the oldest prekey may be on its way, because the change erases that prekey. */
  #changeIfSettled(): void {
    if (this.#isSettled()) void this.#once(() => this.#change(0));
    else this.#after(minChangeDelayMs, () => this.#changeIfSettled());
  }

  async #publishCurrent(): Promise<void> {
    const { request, user, emit } = this.#owner;
    const { prekeys } = await request('get-prekeys', { users: [user] });
    const [atServer] = prekeys;
    const own = atServer !== undefined && this.#isOwn(atServer) ? atServer : null;
    if (atServer !== undefined && own === null) emit({ kind: 'trouble', code: 'wrong-prekey', reason: notOwn });
    const [current] = this.#keys;
    // If the server has a later one, the profile here was restored from a backup.
    if (current === undefined || (own !== null && own.madeAt > current.madeAt)) await this.#change(own?.madeAt ?? 0);
    else if (own?.prekey !== current.publicKey) await this.#put(current);
  }

  #isOwn({ key, prekey, madeAt, signature }: SignedPrekey): boolean {
    const { authority, user, signer, crypto } = this.#owner;
    const { domain, data } = prekeyStatement(authority.fingerprint, { user, prekey, madeAt });
    return (
      key === toBase64url(signer.publicKey) && crypto.verify(signer.publicKey, domain, data, fromBase64url(signature))
    );
  }

  /**
   * Makes a new prekey, stores it and sends its public key to the server.
   *
   * @param after the new prekey's `madeAt` is later than this
   */
  async #change(after: number): Promise<void> {
    const { crypto, scheduler } = this.#owner;
    const before = await this.#toKeep();
    const [current] = this.#keys;
    const { publicKey, privateKey } = crypto.newPrekey();
    const since = scheduler.now();
    const made: StoredPrekey = {
      publicKey: toBase64url(publicKey),
      privateKey: toBase64url(privateKey),
      madeAt: madeAtOf(since, Math.max(after, current?.madeAt ?? 0), crypto),
      since,
    };
    this.#keys = [made, ...before];
    await this.#put(made);
  }

  /** Returns the prekeys to keep beside a new one: more while an invitation waits, or was accepted and its keys are on their way. */
  async #toKeep(): Promise<readonly StoredPrekey[]> {
    if (this.#keys.length === 0) return [];
    const { invitations } = await this.#owner.request('list-invitations', {});
    const mayBeNeeded = invitations.length > 0 || !this.#isSettled();
    return this.#keys.slice(0, (mayBeNeeded ? keptPrekeys.whileInvited : keptPrekeys.always) - 1);
  }

  /** Stores the prekey before the server gets it, so that what is wrapped to it can be opened after a crash. */
  async #put({ publicKey, madeAt }: StoredPrekey): Promise<void> {
    const { authority, user, signer, request, save } = this.#owner;
    await save();
    const { domain, data } = prekeyStatement(authority.fingerprint, { user, prekey: publicKey, madeAt });
    await request('put-prekey', { prekey: publicKey, madeAt, signature: toBase64url(signer.sign(domain, data)) });
  }
}

const notOwn =
  'The server hands out a prekey in your name that your key has not signed. Other clients refuse it, too; ask the operator of the server.';
