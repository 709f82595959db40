/** The latest prekey of each user, as its owner signed it. */
import type { SignedPrekey, UserName } from '@chat/protocol';

/** As its owner hands it over. */
export type Prekey = Pick<SignedPrekey, 'prekey' | 'madeAt' | 'signature'>;

export interface PrekeyStore {
  /**
   * Keeps a registered user's prekey in place of the one before. False, and nothing is kept, unless it was made later
   * than that. In one step, durable when it resolves.
   */
  putPrekey(user: UserName, prekey: Prekey): Promise<boolean>;
  /** The prekeys of those of these users who have one and whose access has not been revoked, with their registered keys. */
  findPrekeys(users: readonly UserName[]): Promise<readonly SignedPrekey[]>;
}
