/** The handler of heartbeats. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { MemberCall } from './chat-call.ts';

/** Passes the caller's heartbeat to all connections that follow the room. */
export function heartbeat(
  { room, heartbeat }: RequestOf<'heartbeat'>,
  { caller, services }: MemberCall,
): ResultOf<'heartbeat'> {
  services.heartbeats.admit(room, heartbeat, caller);
  services.followers.sendToAll(room, { push: 'heartbeat', room, heartbeat });
  return {};
}
