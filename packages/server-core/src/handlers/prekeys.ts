/** Handing over one's own prekey, and asking for those of others. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { UserCall } from './chat-call.ts';

export async function putPrekey(
  prekey: RequestOf<'put-prekey'>,
  { person, services }: UserCall,
): Promise<ResultOf<'put-prekey'>> {
  await services.prekeys.put(person, prekey);
  return {};
}

/** People whose prekeys are looked up for the price of one look-up. */
const peoplePerLookup = 20;

/** Asked before the request has been looked at. */
export const prekeysCost = ({ users }: Readonly<Record<string, unknown>>): number =>
  Array.isArray(users) ? 1 + Math.floor(users.length / peoplePerLookup) : 1;

export async function getPrekeys(
  { users }: RequestOf<'get-prekeys'>,
  { services }: UserCall,
): Promise<ResultOf<'get-prekeys'>> {
  return { prekeys: [...(await services.prekeys.find(users))] };
}
