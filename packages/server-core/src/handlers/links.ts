/** Handlers of links and of the wraps that travel over them. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { MemberCall, UserCall } from './chat-call.ts';

/** Openings that one unit of cost pays for. */
const linksPerCost = 25;
/** Epochs in which one unit of cost looks for a wrap. */
const epochsPerCost = 64;

/** Computes the cost of a request that has not been validated yet. */
export const linksCost = ({ links }: Readonly<Record<string, unknown>>): number =>
  1 + (Array.isArray(links) ? Math.ceil(links.length / linksPerCost) : 0);

/** Computes the cost of a request that has not been validated yet. A range that is no range costs nothing, and is refused. */
export function confirmationCost({ rooms }: Readonly<Record<string, unknown>>): number {
  if (!Array.isArray(rooms)) return 2;
  const epochs = rooms.reduce((sum: number, each: unknown) => {
    const { from, to } = (each ?? {}) as { readonly from?: unknown; readonly to?: unknown };
    return typeof from === 'number' && typeof to === 'number' && to > from ? sum + to - from : sum;
  }, rooms.length);
  return 2 + Math.min(Math.floor(epochs / epochsPerCost), epochsPerCost);
}

/** Stores openings from the caller to users of the room. */
export async function putLinks(
  { links }: RequestOf<'put-links'>,
  { caller, room, services }: MemberCall,
): Promise<ResultOf<'put-links'>> {
  return { refused: await services.links.put(caller, room, links) };
}

/** Returns openings that wait for the caller. */
export const getLinks = (_: RequestOf<'get-links'>, { caller, services }: UserCall): Promise<ResultOf<'get-links'>> =>
  services.links.waiting(caller);

/** Erases openings that the caller has stored, and marks links that the caller cannot use. */
export async function confirmLinks(
  request: RequestOf<'confirm-links'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'confirm-links'>> {
  await services.links.confirm(caller, request);
  return {};
}

/** Returns the caller's wraps. */
export const getWraps = (request: RequestOf<'get-wraps'>, { caller, services }: UserCall) =>
  services.wraps.find(request, caller.fingerprint);

/** Returns what proves the caller's wrap of an epoch. */
export const getWrapProof = (request: RequestOf<'get-wrap-proof'>, { caller, services }: UserCall) =>
  services.wraps.prove(request, caller.fingerprint);

/** Erases the caller's wraps. It needs no membership: a user who has left has stored the secrets too. */
export function confirmWraps(
  request: RequestOf<'confirm-wraps'>,
  { caller, services }: UserCall,
): ResultOf<'confirm-wraps'> {
  services.wraps.confirm(caller.fingerprint, request);
  return {};
}
