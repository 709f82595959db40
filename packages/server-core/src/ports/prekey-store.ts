/** Storage port for the latest prekey of each user. */
import type { SignedPrekey, UserName } from '@chat/protocol';

/** A prekey as its owner uploads it. */
export type Prekey = Pick<SignedPrekey, 'suite' | 'prekey' | 'madeAt' | 'signature'>;

/** Stores the latest prekey of each user. */
export interface PrekeyStore {
  /**
   * Stores the prekey of a registered user and replaces the one before. Atomic, and durable when the promise resolves.
   *
   * @param latest a stored prekey that was made after this time counts as none
   * @returns false, and nothing is stored, unless the prekey was made later than the stored one
   */
  putPrekey(user: UserName, prekey: Prekey, latest: number): Promise<boolean>;
  /** Returns the prekeys of those users who have one and are not revoked, each with the user's registered key. */
  findPrekeys(users: readonly UserName[]): Promise<readonly SignedPrekey[]>;
}
