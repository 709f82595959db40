/** The users' prekeys. The server verifies each with its owner's registered key, and hands out only those that members can use. */
import { ECDH } from 'node:crypto';
import {
  fromBase64url,
  ProtocolError,
  type PublicIdentity,
  prekeyStatement,
  limits as protocolLimits,
  type SignedPrekey,
  type UserName,
} from '@chat/protocol';
import { type RegisteredUser, signedBy, withLowS } from '../identity/registered-user.ts';
import type { ServerLimits } from '../limits.ts';
import type { Prekey, PrekeyStore } from '../ports/prekey-store.ts';
import { Quota } from '../throttle/quota.ts';
import { hourly } from '../throttle/token-bucket.ts';

/** Options of `Prekeys`. `clock` returns milliseconds. */
export interface PrekeysOptions {
  readonly store: PrekeyStore;
  /** The server id: fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'prekeysPerHour'>;
}

/** Size of an uncompressed point of P-384. The point at infinity is shorter. */
const pointBytes = 97;

/** Returns whether members can wrap a key to it: an uncompressed point of P-384. */
function isPoint(prekey: string): boolean {
  const bytes = fromBase64url(prekey);
  if (bytes.length !== pointBytes || bytes[0] !== 4) return false;
  try {
    ECDH.convertKey(bytes, 'secp384r1');
    return true;
  } catch {
    return false;
  }
}

/** Returns the time in ms after which no prekey may have been made. */
const latestAt = (now: number): number => now + protocolLimits.prekeyAhead;

interface Source {
  readonly store: Pick<PrekeyStore, 'findPrekeys'>;
  readonly clock: () => number;
}

/** Returns the prekeys that members accept. An earlier version of the server stored others, too; they count as absent. */
async function findUsable({ store, clock }: Source, users: readonly UserName[]): Promise<readonly SignedPrekey[]> {
  const found = await store.findPrekeys(users);
  const latest = latestAt(clock());
  return found.filter(({ prekey, madeAt }) => madeAt <= latest && isPoint(prekey));
}

/** Returns whether any of these users has a prekey to which members can wrap a key. */
export const anyHasPrekey = async (source: Source, users: readonly Pick<PublicIdentity, 'user'>[]): Promise<boolean> =>
  users.length > 0 &&
  (
    await findUsable(
      source,
      users.map(({ user }) => user),
    )
  ).length > 0;

const refused = (message: string) => new ProtocolError('prekey-refused', message);

/** Stores and finds prekeys. Each user may store a limited number in an hour. */
export class Prekeys {
  readonly #options: PrekeysOptions;
  readonly #quota: Quota;

  constructor(options: PrekeysOptions) {
    this.#options = options;
    this.#quota = new Quota(hourly(options.limits.prekeysPerHour));
  }

  /**
   * Stores the user's new prekey.
   *
   * @throws ProtocolError `prekey-refused`, `limit-reached`
   */
  async put({ user, verifier }: RegisteredUser, { prekey, madeAt, signature }: Prekey): Promise<void> {
    const { serverId, store, clock, limits } = this.#options;
    if (!signedBy(verifier, prekeyStatement(serverId, { user, prekey, madeAt }), signature)) {
      throw refused('The prekey is not signed with your registered key for this server: sign it as the protocol says.');
    }
    const latest = latestAt(clock());
    if (madeAt > latest) {
      throw refused('The prekey is dated more than a day ahead of this server: set the clock of your machine.');
    }
    if (!isPoint(prekey)) {
      throw refused('The prekey is not an uncompressed point of P-384: make another one, with a current client.');
    }
    if (!this.#quota.take(user, clock())) {
      throw new ProtocolError(
        'limit-reached',
        `You can make ${limits.prekeysPerHour} prekeys an hour: try again later.`,
      );
    }
    if (await store.putPrekey(user, { prekey, madeAt, signature }, latest)) return;
    // A client that did not receive the answer sends the same prekey again.
    const [stored] = await store.findPrekeys([user]);
    if (stored?.prekey === prekey && stored.madeAt === madeAt) return;
    throw refused('The stored prekey was made at the same time or later: make another one now.');
  }

  /** Returns the prekeys of those users who have one that members accept. */
  async find(users: readonly UserName[]): Promise<readonly SignedPrekey[]> {
    const found = await findUsable(this.#options, [...new Set(users)]);
    return found.map((prekey) => ({ ...prekey, signature: withLowS(prekey.signature) }));
  }
}
