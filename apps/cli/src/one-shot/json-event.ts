/** The objects that `chat tail --json` prints, one a line. Described in the README: fields are added, never changed. */
import type { ClientEvent, InvitationView, MessageView } from '@chat/client';
import { violationSentence } from '../screen/violations.ts';

export interface JsonEvent {
  readonly kind: string;
  readonly room: string;
  readonly [field: string]: unknown;
}

/** The room by the name that events have, and by the one that is printed. */
export interface NamedRoom {
  readonly name: string;
  readonly title: string;
}

/** A message from before this run. `room` is what the room is called. */
export const jsonMessage = (room: string, message: MessageView, me: string): JsonEvent => ({
  kind: 'message',
  room,
  ...message,
  mine: message.user === me,
  live: false,
});

/** An invitation as `chat invitations --json` prints it. */
export const jsonInvitation = ({ roomId, roomName, by, policy }: InvitationView) => ({
  room: roomId,
  name: roomName,
  by,
  policy,
});

/** An event of the room, or of the connection that it comes over; null for other rooms' events. */
export function jsonEvent({ name, title: room }: NamedRoom, event: ClientEvent): JsonEvent | null {
  if (!('roomName' in event)) return { ...event, room };
  if (event.roomName !== name) return null;
  if (event.kind !== 'room') {
    const { roomName: _name, roomId: _id, ...fields } = event;
    return { ...fields, room };
  }
  const { event: what, mine, live } = event;
  if (what.kind === 'message') {
    const { hash: _hash, epoch: _epoch, ...fields } = what;
    return { ...fields, room, mine, live };
  }
  if (what.kind === 'created') {
    const { name: _name, ...fields } = what;
    return { ...fields, room, mine, live };
  }
  const sentence = what.kind === 'violation' ? { sentence: violationSentence(what.code, what.user) } : {};
  return { ...what, ...sentence, room, mine, live };
}
