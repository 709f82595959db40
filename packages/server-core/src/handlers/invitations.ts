/** Handlers for rooms that need an invitation: listing one's invitations, knocking, listing knocks. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { MemberCall, UserCall } from './chat-call.ts';

export const invitations = ({ after }: RequestOf<'list-invitations'>, { caller, services }: UserCall) =>
  services.rooms.invitations(after ?? null, caller.user);

export async function knock(
  { room, knock }: RequestOf<'knock'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'knock'>> {
  await services.rooms.knock(room, knock, caller);
  return {};
}

export async function knocks(
  { room }: RequestOf<'list-knocks'>,
  { services }: MemberCall,
): Promise<ResultOf<'list-knocks'>> {
  return { knocks: [...(await services.rooms.knocksAt(room))] };
}
