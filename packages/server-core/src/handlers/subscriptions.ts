/** Following a room, and no longer following it. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { MemberCall, PersonCall } from './chat-call.ts';

export const subscribe = (request: RequestOf<'subscribe'>, call: MemberCall): ResultOf<'subscribe'> =>
  call.subscriptions.start(request, call.person, call.room);

export function unsubscribe({ room }: RequestOf<'unsubscribe'>, call: PersonCall): ResultOf<'unsubscribe'> {
  call.subscriptions.stop(room);
  return {};
}
