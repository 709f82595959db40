/** Handlers for prekeys: storing one's own, and looking up those of other users. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { UserCall } from './chat-call.ts';

/** Stores the caller's new prekey. */
export async function putPrekey(
  prekey: RequestOf<'put-prekey'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'put-prekey'>> {
  await services.prekeys.put(caller, prekey);
  return {};
}

/** Number of prekeys that one unit of cost pays for. */
const prekeysPerCost = 20;

/** Computes the cost of a request that has not been validated yet. */
export const prekeysCost = ({ users }: Readonly<Record<string, unknown>>): number =>
  Array.isArray(users) ? 1 + Math.floor(users.length / prekeysPerCost) : 1;

/** Returns the prekeys of the named users who have one. */
export async function getPrekeys(
  { users }: RequestOf<'get-prekeys'>,
  { services }: UserCall,
): Promise<ResultOf<'get-prekeys'>> {
  return { prekeys: [...(await services.prekeys.find(users))] };
}
