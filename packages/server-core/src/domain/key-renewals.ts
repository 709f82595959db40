/**
 * Renewals of identity keys: what ends with the key before, and the look-up of renewals. The members' rooms follow one after another:
 * the user's client appends a `renew-key` entry to each.
 */
import { type Fingerprint, type KeyChain, limits, type UserName } from '@chat/protocol';
import { chainOf, type Directory } from '../ports/directory.ts';
import type { LinkStore } from '../ports/link-store.ts';

/** Options of `KeyRenewals`. */
export interface KeyRenewalsOptions {
  readonly store: Pick<Directory, 'renewalsOf'> & Pick<LinkStore, 'deleteLinks'>;
  /** Ends the sessions of a user whose key is an earlier one. Resolves when all their requests are answered. */
  readonly endSessions: (user: UserName, before: Fingerprint) => Promise<unknown>;
}

/** The renewals of this server's users. */
export class KeyRenewals {
  readonly #options: KeyRenewalsOptions;
  /** Keys that were renewed while this server runs, for callers that cannot wait for the store. */
  readonly #earlierKeys = new Set<Fingerprint>();

  constructor(options: KeyRenewalsOptions) {
    this.#options = options;
  }

  /** Returns whether this key has been renewed, as far as this server process knows. */
  hasRenewed(fingerprint: Fingerprint): boolean {
    return this.#earlierKeys.has(fingerprint);
  }

  /** Ends what the key before has: its sessions, and the links to and from it. To be called when the directory has the new key. */
  async renewed(user: UserName, before: Fingerprint): Promise<void> {
    this.#earlierKeys.add(before);
    await this.#options.endSessions(user, before);
    await this.#options.store.deleteLinks(before);
  }

  /** Returns the latest renewals of a user's key; null when there are none. */
  async of(user: UserName): Promise<KeyChain | null> {
    return chainOf(await this.#options.store.renewalsOf(user, limits.keyRenewalsPerAnswer));
  }
}
