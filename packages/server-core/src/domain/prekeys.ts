/** The users' prekeys. The server verifies each with its owner's registered key. */
import { ProtocolError, prekeyStatement, type SignedPrekey, type UserName } from '@chat/protocol';
import { type RegisteredUser, signedBy, withLowS } from '../identity/registered-user.ts';
import type { ServerLimits } from '../limits.ts';
import type { Prekey, PrekeyStore } from '../ports/prekey-store.ts';
import { Quota } from '../throttle/quota.ts';
import { hourly } from '../throttle/token-bucket.ts';

/** Options of `Prekeys`. `clock` returns milliseconds. */
export interface PrekeysOptions {
  readonly store: PrekeyStore;
  /** Fingerprint of the server's CA certificate. */
  readonly ca: string;
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'prekeysPerHour'>;
}

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
    const { ca, store, clock, limits } = this.#options;
    if (!signedBy(verifier, prekeyStatement(ca, { user, prekey, madeAt }), signature)) {
      throw refused('The prekey is not signed with your registered key for this server: sign it as the protocol says.');
    }
    if (!this.#quota.take(user, clock())) {
      throw new ProtocolError(
        'limit-reached',
        `You can make ${limits.prekeysPerHour} prekeys an hour: try again later.`,
      );
    }
    if (await store.putPrekey(user, { prekey, madeAt, signature })) return;
    // A client that did not receive the answer sends the same prekey again.
    const [stored] = await store.findPrekeys([user]);
    if (stored?.prekey === prekey && stored.madeAt === madeAt) return;
    throw refused('The stored prekey was made at the same time or later: make another one now.');
  }

  /** Returns the prekeys of those users who have one. */
  async find(users: readonly UserName[]): Promise<readonly SignedPrekey[]> {
    const found = await this.#options.store.findPrekeys([...new Set(users)]);
    return found.map((prekey) => ({ ...prekey, signature: withLowS(prekey.signature) }));
  }
}
