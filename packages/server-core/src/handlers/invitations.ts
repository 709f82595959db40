/** Handlers for rooms that need an invitation: listing one's invitations, knocking, listing and dismissing knocks. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { MemberCall, UserCall } from './chat-call.ts';

/** Returns a page of the caller's room invitations. */
export const invitations = ({ after }: RequestOf<'list-invitations'>, { caller, services }: UserCall) =>
  services.rooms.invitations(after ?? null, caller.user);

/** Stores the caller's knock at a room. */
export async function knock(
  { room, knock }: RequestOf<'knock'>,
  { caller, services, host }: UserCall,
): Promise<ResultOf<'knock'>> {
  services.hosts.countKnock(host);
  await services.rooms.knock(room, knock, caller);
  return {};
}

/** Returns the knocks at the caller's room. */
export async function knocks(
  { room }: RequestOf<'list-knocks'>,
  { services }: MemberCall,
): Promise<ResultOf<'list-knocks'>> {
  return { knocks: [...(await services.rooms.knocksAt(room))] };
}

/** Dismisses a knock at the caller's room, and tells the members who did. */
export async function dismissKnock(
  { room, user }: RequestOf<'dismiss-knock'>,
  { caller, services }: MemberCall,
): Promise<ResultOf<'dismiss-knock'>> {
  await services.rooms.dismissKnock(room, user);
  services.followers.sendToAll(room, { push: 'dismissed', room, user, by: caller.user });
  return {};
}

/** Returns the rooms at which the caller's knocks wait. */
export async function ownKnocks(
  _: RequestOf<'list-own-knocks'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'list-own-knocks'>> {
  return { rooms: await services.rooms.knocksOf(caller.user) };
}
