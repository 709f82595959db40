/** Coming into rooms that are not open to everybody: one's invitations, and knocking. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { MemberCall, UserCall } from './chat-call.ts';

export const invitations = ({ after }: RequestOf<'list-invitations'>, { person, services }: UserCall) =>
  services.rooms.invitations(after ?? null, person.user);

export async function knock(
  { room, knock }: RequestOf<'knock'>,
  { person, services }: UserCall,
): Promise<ResultOf<'knock'>> {
  await services.rooms.knock(room, knock, person);
  return {};
}

export async function knocks(
  { room }: RequestOf<'list-knocks'>,
  { services }: MemberCall,
): Promise<ResultOf<'list-knocks'>> {
  return { knocks: [...(await services.store.knocksAt(room))] };
}
