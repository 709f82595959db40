/** Handlers for prekeys and identity keys: storing one's own prekey, and looking up the keys of other users. */
import { fingerprintOfKey, type RequestOf, type ResultOf } from '@chat/protocol';
import { userIn } from '../domain/entry-rules/user-index.ts';
import type { UserCall } from './chat-call.ts';

/** Stores the caller's new prekey. */
export async function putPrekey(
  prekey: RequestOf<'put-prekey'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'put-prekey'>> {
  await services.prekeys.put(caller, prekey);
  return {};
}

/** Number of prekeys of one room that one unit of cost pays for. */
const prekeysPerCost = 20;
/** Cost of the prekey of a user with whom no room is named. */
const lookUpCost = 5;

/** Computes the cost of a request that has not been validated yet. */
export function prekeysCost({ users, room }: Readonly<Record<string, unknown>>): number {
  if (!Array.isArray(users)) return 1;
  return room === undefined ? lookUpCost * users.length : 1 + Math.floor(users.length / prekeysPerCost);
}

/**
 * Returns the prekeys of the named users who have one. Members of a room get those of its members and invited users. Every other
 * look-up, except of the caller's own prekey, counts, and shows the same prekey for a week: any user can be invited, and no user can
 * watch others. A user whose key was renewed, and whose client has not given the new one to the room yet, has no
 * prekey that the members would accept.
 */
export async function getPrekeys(
  { users, room: roomId }: RequestOf<'get-prekeys'>,
  { caller, services, host }: UserCall,
): Promise<ResultOf<'get-prekeys'>> {
  const { rooms, prekeys, hosts } = services;
  if (roomId === undefined) {
    const others = [...new Set(users)].filter((user) => user !== caller.user);
    for (const _ of others) hosts.countLookUp(caller.user, host);
    const own = users.includes(caller.user) ? await prekeys.find([caller.user]) : [];
    return { prekeys: [...own, ...(await prekeys.findForStrangers(others))] };
  }
  const keyOf = await rooms.asMember(roomId, caller.user, ({ members, invited }) => {
    const present = users.flatMap((user) => userIn(members, user) ?? userIn(invited, user) ?? []);
    return new Map(present.map(({ user, fingerprint }) => [user, fingerprint]));
  });
  const found = await prekeys.find(users.filter((user) => keyOf.has(user)));
  return { prekeys: found.filter(({ user, key }) => fingerprintOfKey(key) === keyOf.get(user)) };
}

/** Returns the latest renewals of a user's identity key; none for an unknown name. */
export async function getKeyRenewals(
  { user }: RequestOf<'get-key-renewals'>,
  { services }: UserCall,
): Promise<ResultOf<'get-key-renewals'>> {
  const { first, renewals } = (await services.keyRenewals.of(user)) ?? { first: null, renewals: [] };
  return { first, renewals: [...renewals] };
}
