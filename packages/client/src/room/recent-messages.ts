/** The latest messages of a room, kept to be shown on the next start. */
import type { RoomEvent } from '@chat/room';
import type { MessageView } from '../view.ts';

const most = 100;

export function withMessages(
  recent: readonly MessageView[],
  messages: readonly Extract<RoomEvent, { kind: 'message' }>[],
): readonly MessageView[] {
  const added = messages.map(({ seq, user, fingerprint, text, at }) => ({ seq, user, fingerprint, text, at }));
  return [...recent, ...added].slice(-most);
}
