/**
 * Finds a user among a room's members, or among other identities of it, by name. States share the list until an entry changes it, so
 * its index is made once, and not searched for each message of a large room.
 */
import type { Identity, UserName } from '@chat/protocol';

type Index = ReadonlyMap<UserName, Identity>;

/** The indexes of the lists that have been searched, each as long as its list is in use. */
const indexes = new WeakMap<readonly Identity[], Index>();

function indexOf(identities: readonly Identity[]): Index {
  const known = indexes.get(identities);
  if (known !== undefined) return known;
  const index = new Map(identities.map((each) => [each.user, each]));
  indexes.set(identities, index);
  return index;
}

/**
 * Returns the identity with this name; undefined when there is none. A name is in a list of a room's state once at most.
 *
 * @param identities a list that MUST NOT change any more: a part of a room's state
 */
export const userIn = <T extends Identity>(identities: readonly T[], user: UserName): T | undefined =>
  indexOf(identities).get(user) as T | undefined;
