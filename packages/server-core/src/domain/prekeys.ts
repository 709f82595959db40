/** The users' prekeys. The server verifies each with its owner's registered key, and hands out only those that members can use. */
import {
  fromBase64url,
  ProtocolError,
  type PublicIdentity,
  prekeyId,
  prekeyStatement,
  limits as protocolLimits,
  type SignedPrekey,
  toHex,
  type UserName,
} from '@chat/protocol';
import { type RegisteredUser, signedBy, withLowS } from '../identity/registered-user.ts';
import type { ServerLimits } from '../limits/limits.ts';
import type { Prekey, PrekeyStore } from '../ports/prekey-store.ts';
import { Quota } from '../throttle/quota.ts';
import { liveSize, seconds } from '../throttle/token-bucket.ts';
import { isXWingKey } from './keys/x-wing-key.ts';

/** Options of `Prekeys`. `clock` returns milliseconds. */
export interface PrekeysOptions {
  readonly store: PrekeyStore;
  /** The server id: fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'prekeysPerHour'>;
}

const isUsable = (prekey: string): boolean => isXWingKey(fromBase64url(prekey));

/** Returns the time in ms after which no prekey may have been made. */
const latestAt = (now: number): number => now + protocolLimits.prekeyAhead;

interface Source {
  readonly store: Pick<PrekeyStore, 'findPrekeys'>;
  readonly clock: () => number;
}

/** Returns the prekeys that members accept. A row that the disk has damaged may hold another; it counts as absent. */
async function findUsable({ store, clock }: Source, users: readonly UserName[]): Promise<readonly SignedPrekey[]> {
  const found = await store.findPrekeys(users);
  const latest = latestAt(clock());
  return found.filter(({ prekey, madeAt }) => madeAt <= latest && isUsable(prekey));
}

/** Returns whether any of these users has a prekey to which members can open a link. */
export const anyHasPrekey = async (source: Source, users: readonly Pick<PublicIdentity, 'user'>[]): Promise<boolean> =>
  users.length > 0 &&
  (
    await findUsable(
      source,
      users.map(({ user }) => user),
    )
  ).length > 0;

/** The weeks by which clients date their prekeys. */
const weekMs = 7 * 24 * 60 * 60 * 1000;

/** Time for which links to a replaced prekey are taken. The owner's client fetches them before it erases the private half. */
const graceMs = 120_000;

const refused = (message: string) => new ProtocolError('prekey-refused', message);

/** Stores and finds prekeys. Each user may store a limited number in an hour. */
export class Prekeys {
  readonly #options: PrekeysOptions;
  readonly #quota: Quota;
  /** The prekeys before the present ones. After a restart of the server members fetch the present ones. */
  readonly #replaced = new Map<UserName, { readonly id: string; readonly at: number }>();
  /** What strangers were shown in this week. A restart of the server begins it anew. */
  readonly #shown = new Map<UserName, { readonly week: number; readonly prekey: SignedPrekey }>();

  constructor(options: PrekeysOptions) {
    this.#options = options;
    this.#quota = new Quota(liveSize(seconds.hour, () => options.limits.prekeysPerHour));
  }

  /**
   * Stores the user's new prekey.
   *
   * @throws ProtocolError `prekey-refused`, `limit-reached`
   */
  async put({ user, verifier }: RegisteredUser, { suite, prekey, madeAt, signature }: Prekey): Promise<void> {
    const { serverId, store, clock, limits } = this.#options;
    if (!signedBy(verifier, prekeyStatement(serverId, { user, prekey, madeAt }), signature)) {
      throw refused('The prekey is not signed with your registered key for this server: sign it as the protocol says.');
    }
    const latest = latestAt(clock());
    if (madeAt > latest) {
      throw refused('The prekey is dated more than a day ahead of this server: set the clock of your machine.');
    }
    if (!isUsable(prekey)) {
      throw refused('The prekey is not a public key of X-Wing: make another one, with a current client.');
    }
    if (!this.#quota.take(user, clock())) {
      throw new ProtocolError(
        'limit-reached',
        `You can make ${limits.prekeysPerHour} prekeys an hour: try again later.`,
      );
    }
    const [before] = await store.findPrekeys([user]);
    if (await store.putPrekey(user, { suite, prekey, madeAt, signature }, latest)) {
      if (before !== undefined) this.#remember(user, toHex(prekeyId(before.prekey)));
      return;
    }
    // A client that did not receive the answer sends the same prekey again.
    const [stored] = await store.findPrekeys([user]);
    if (stored?.prekey === prekey && stored.madeAt === madeAt) return;
    throw refused('The stored prekey was made at the same time or later: make another one now.');
  }

  /**
   * Returns a prekey of each of those users who have one, for a user who may share no room with them. It is the one that the first such
   * request of the week has found, so that no user learns from it at which hours or days its owner is there.
   */
  async findForStrangers(users: readonly UserName[]): Promise<readonly SignedPrekey[]> {
    const week = Math.floor(this.#options.clock() / weekMs);
    for (const [user, shown] of this.#shown) if (shown.week !== week) this.#shown.delete(user);
    return (await this.find(users)).map((present) => {
      const shown = this.#shown.get(present.user)?.prekey;
      // The owner may have another identity key by now.
      if (shown !== undefined && shown.key === present.key) return shown;
      this.#shown.set(present.user, { week, prekey: present });
      return present;
    });
  }

  /** Returns the prekeys of those users who have one that members accept. */
  async find(users: readonly UserName[]): Promise<readonly SignedPrekey[]> {
    const found = await findUsable(this.#options, [...new Set(users)]);
    return found.map((prekey) => ({ ...prekey, signature: withLowS(prekey.signature) }));
  }

  /**
   * Returns the ids, in hex, of the prekeys to which a new link may be made: the user's present one, and for a while the one before,
   * which a member may have fetched just before the change.
   */
  async acceptedIds(users: readonly UserName[]): Promise<ReadonlyMap<UserName, ReadonlySet<string>>> {
    const found = await findUsable(this.#options, [...new Set(users)]);
    return new Map(
      found.map(({ user, prekey }) => {
        const before = this.#replaced.get(user);
        const isRecent = before !== undefined && this.#options.clock() - before.at < graceMs;
        return [user, new Set([toHex(prekeyId(prekey)), ...(isRecent ? [before.id] : [])])];
      }),
    );
  }

  /** All have the same lifetime, so the order of insertion is that of their end. */
  #remember(user: UserName, id: string): void {
    const now = this.#options.clock();
    for (const [name, { at }] of this.#replaced) {
      if (now - at < graceMs) break;
      this.#replaced.delete(name);
    }
    this.#replaced.delete(user);
    this.#replaced.set(user, { id, at: now });
  }
}
