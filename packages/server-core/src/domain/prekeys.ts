/** The directory of prekeys: each user's own, verified with the key that they are registered with. */
import { ProtocolError, prekeyStatement, type SignedPrekey, type UserName } from '@chat/protocol';
import { type RegisteredUser, signedBy } from '../identity/registered-user.ts';
import type { ServerLimits } from '../limits.ts';
import type { Prekey, PrekeyStore } from '../ports/prekey-store.ts';
import { hourly, Quota } from '../throttle/quota.ts';

export interface PrekeysOptions {
  readonly store: PrekeyStore;
  /** Fingerprint of the server's CA certificate. */
  readonly ca: string;
  readonly clock: () => number;
  readonly limits: Pick<ServerLimits, 'prekeysPerHour'>;
}

const refused = (message: string) => new ProtocolError('prekey-refused', message);

export class Prekeys {
  readonly #options: PrekeysOptions;
  readonly #put: Quota;

  constructor(options: PrekeysOptions) {
    this.#options = options;
    this.#put = new Quota(hourly(options.limits.prekeysPerHour));
  }

  /** Keeps this person's new prekey. Throws `prekey-refused` and `limit-reached`. */
  async put({ user, verifier }: RegisteredUser, { prekey, madeAt, signature }: Prekey): Promise<void> {
    const { ca, store, clock, limits } = this.#options;
    if (!signedBy(verifier, prekeyStatement(ca, { user, prekey, madeAt }), signature)) {
      throw refused('The prekey is not signed with your registered key for this server: sign it as the protocol says.');
    }
    if (!this.#put.take(user, clock())) {
      throw new ProtocolError('limit-reached', `You may make ${limits.prekeysPerHour} prekeys an hour: wait.`);
    }
    if (await store.putPrekey(user, { prekey, madeAt, signature })) return;
    // When the answer was lost, the same one comes again.
    const [kept] = await store.findPrekeys([user]);
    if (kept?.prekey === prekey && kept.madeAt === madeAt) return;
    throw refused('There is a prekey of yours that was made as late or later: make another one now.');
  }

  find(users: readonly UserName[]): Promise<readonly SignedPrekey[]> {
    return this.#options.store.findPrekeys([...new Set(users)]);
  }
}
