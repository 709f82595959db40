/** Handlers for prekeys: storing one's own, and looking up those of other users. */
import type { RequestOf, ResultOf } from '@chat/protocol';
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
 * watch others.
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
  const inRoom = await rooms.asMember(roomId, caller.user, ({ members, invited }) =>
    users.filter((user) => (userIn(members, user) ?? userIn(invited, user)) !== undefined),
  );
  return { prekeys: [...(await prekeys.find(inRoom))] };
}
