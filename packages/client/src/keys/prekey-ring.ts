/**
 * This user's own prekeys: what others wrap room keys to, also while this client is away. The current one is signed and
 * kept at the server. The one before is kept here for the wraps that were made to it, and erased with the next change:
 * whoever takes this device and the server's data opens what was wrapped in the lifetimes of two prekeys, nothing older.
 * But what is wrapped for somebody who is invited cannot be fetched before they join: as long as an invitation waits for an
 * answer, the prekeys of two weeks are kept.
 */
import { fromBase64url, limits, prekeyStatement, type SignedPrekey, toBase64url } from '@chat/protocol';
import type { Prekey } from '@chat/room';
import { type ClientContext, explain, isDisconnection, type OwnPrekeys } from '../context.ts';
import type { StoredPrekey } from '../storage/stored-state.ts';

/**
 * Until what the server failed to do is tried again, and between a login or a change and the next change, in ms: whoever
 * has looked up the prekey before has long handed over what they wrapped to it.
 */
const pause = 60_000;
/** How many are kept, the current one among them. */
const kept = { always: 2, whileInvited: 14 };

type Owner = Pick<
  ClientContext,
  'user' | 'signer' | 'crypto' | 'scheduler' | 'authority' | 'request' | 'save' | 'emit'
>;

export class PrekeyRing implements OwnPrekeys {
  readonly #owner: Owner;
  readonly #settled: () => boolean;
  /** Newest first. */
  #keys: readonly StoredPrekey[];
  #connected = false;
  #working: Promise<void> | null = null;
  #told = false;
  #cancelNext: () => void = () => undefined;

  /** @param settled whether every wrap that was made for this user by now was fetched */
  constructor(owner: Owner, stored: readonly StoredPrekey[], settled: () => boolean) {
    this.#owner = owner;
    this.#keys = stored;
    this.#settled = settled;
  }

  /** What is to be stored. */
  get stored(): readonly StoredPrekey[] {
    return this.#keys;
  }

  get keys(): readonly Prekey[] {
    return this.#keys.map(({ publicKey, privateKey }) => ({
      publicKey: fromBase64url(publicKey),
      privateKey: fromBase64url(privateKey),
    }));
  }

  /** To be awaited after each login, before anything is done in a room: others can give this user a key from here on. */
  publish(): Promise<void> {
    this.#connected = true;
    return this.#once(() => this.#publishCurrent());
  }

  /** To be called when the connection is lost, and when the client closes. */
  disconnected(): void {
    this.#connected = false;
    this.#cancelNext();
    this.#told = false;
  }

  /** One work at a time. What fails by the server is told once a connection, and published again after a while. */
  #once(work: () => Promise<void>): Promise<void> {
    this.#working ??= work()
      .then(() => this.#plan())
      .catch((error: unknown) => {
        if (isDisconnection(error)) return;
        if (!this.#told) this.#owner.emit({ kind: 'trouble', ...explain(error) });
        this.#told = true;
        this.#next(pause, () => void this.publish());
      })
      .finally(() => {
        this.#working = null;
      });
    return this.#working;
  }

  #next(ms: number, action: () => void): void {
    this.#cancelNext();
    // A change that the server does not hear of would take the place of the prekey that it hands out.
    if (this.#connected) this.#cancelNext = this.#owner.scheduler.after(ms, action);
  }

  /** Plans the change for when this one will have been used for long enough: by running time, never at once. */
  #plan(): void {
    const [current, ...before] = this.#keys;
    if (current === undefined) return;
    const now = this.#owner.scheduler.now();
    // By a clock that was ahead and is set back now, it would be used for that much longer.
    if (current.since > now) this.#keys = [{ ...current, since: now }, ...before];
    const age = Math.max(0, now - current.since);
    this.#next(Math.max(pause, limits.prekeyAge - age), () => this.#changeIfSettled());
  }

  /** While a wrap that was made to the oldest prekey may be on its way, that one is not erased. */
  #changeIfSettled(): void {
    if (this.#settled()) void this.#once(() => this.#change(0));
    else this.#next(pause, () => this.#changeIfSettled());
  }

  async #publishCurrent(): Promise<void> {
    const { request, user, emit } = this.#owner;
    const { prekeys } = await request('get-prekeys', { users: [user] });
    const [held] = prekeys;
    const own = held !== undefined && this.#isOwn(held) ? held : null;
    if (held !== undefined && own === null) emit({ kind: 'trouble', code: 'wrong-prekey', reason: notOwn });
    const [current] = this.#keys;
    // The server has a later one than we know of: what is kept here was put back from a copy.
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

  async #change(after: number): Promise<void> {
    const { crypto, scheduler } = this.#owner;
    const before = await this.#toKeep();
    const [current] = this.#keys;
    const { publicKey, privateKey } = crypto.newPrekey();
    const since = scheduler.now();
    const made: StoredPrekey = {
      publicKey: toBase64url(publicKey),
      privateKey: toBase64url(privateKey),
      madeAt: Math.max(since, after + 1, (current?.madeAt ?? 0) + 1),
      since,
    };
    this.#keys = [made, ...before];
    await this.#put(made);
  }

  /** What stays when there is another one. An invitation may have been taken up just now, and its keys be on their way. */
  async #toKeep(): Promise<readonly StoredPrekey[]> {
    if (this.#keys.length === 0) return [];
    const { invitations } = await this.#owner.request('list-invitations', {});
    const awaited = invitations.length > 0 || !this.#settled();
    return this.#keys.slice(0, (awaited ? kept.whileInvited : kept.always) - 1);
  }

  /** Stored before the server hears of it: what is wrapped to it can be opened whatever happens here. */
  async #put({ publicKey, madeAt }: StoredPrekey): Promise<void> {
    const { authority, user, signer, request, save } = this.#owner;
    await save();
    const { domain, data } = prekeyStatement(authority.fingerprint, { user, prekey: publicKey, madeAt });
    await request('put-prekey', { prekey: publicKey, madeAt, signature: toBase64url(signer.sign(domain, data)) });
  }
}

const notOwn =
  'The server hands out a prekey as yours that your key has not signed. Others notice that too and do not use it; ask whoever runs the server.';
