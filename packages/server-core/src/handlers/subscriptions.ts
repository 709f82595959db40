/** Handlers that start and stop following a room. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { MemberCall, UserCall } from './chat-call.ts';

/** Starts to send the room's entries to the caller's connection. */
export const subscribe = (request: RequestOf<'subscribe'>, call: MemberCall): ResultOf<'subscribe'> =>
  call.subscriptions.start(request, call.caller.user, call.room);

/** Stops sending the room's entries to the caller's connection. */
export function unsubscribe({ room }: RequestOf<'unsubscribe'>, call: UserCall): ResultOf<'unsubscribe'> {
  call.subscriptions.stop(room);
  return {};
}
