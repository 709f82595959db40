/** The JSON objects that commands print. The README describes them: fields may be added, but never changed. */
import type { ClientEvent, InvitationView, MessageHit, MessageView } from '@chat/client';
import type { RoomName, UserName } from '@chat/protocol';
import { violationSentence } from '../text/violation-sentence.ts';

/** One JSON object that a command prints. */
export interface JsonEvent {
  readonly kind: string;
  readonly room: string;
  readonly [field: string]: unknown;
}

/** The room whose events are printed. */
export interface TitledRoom {
  /** Its name, as in events. */
  readonly roomName: RoomName;
  /** Its title, which the JSON field `room` has. */
  readonly title: string;
}

/** Returns a message of before this run. */
export const jsonMessage = (title: string, message: MessageView, me: UserName): JsonEvent => ({
  kind: 'message',
  room: title,
  ...message,
  mine: message.user === me,
  live: false,
});

/** Returns a message that a search has found. Its room is named by its id too, because another room can have the same name. */
export function jsonHit(title: string, { roomId, roomName: _name, ...message }: MessageHit, me: UserName): JsonEvent {
  return { ...jsonMessage(title, message, me), roomId };
}

/** Returns an invitation as `chat invitations --json` prints it. */
export const jsonInvitation = ({ roomId, roomName, by, policy }: InvitationView) => ({
  room: roomId,
  name: roomName,
  by,
  policy,
});

/** Returns an event of the room or of the connection; null for an event of another room. */
export function jsonEvent({ roomName, title: room }: TitledRoom, event: ClientEvent): JsonEvent | null {
  if (!('roomName' in event)) return { ...event, room };
  if (event.roomName !== roomName) return null;
  if (event.kind !== 'room') {
    const { roomName: _name, roomId: _id, ...fields } = event;
    return { ...fields, room };
  }
  const { event: roomEvent, mine, live } = event;
  if (roomEvent.kind === 'message') {
    const { hash: _hash, epoch: _epoch, ...fields } = roomEvent;
    return { ...fields, room, mine, live };
  }
  if (roomEvent.kind === 'gap') {
    const { hashes, ...fields } = roomEvent;
    return { ...fields, messages: hashes.length, room, mine, live };
  }
  if (roomEvent.kind === 'created') {
    const { name: _name, ...fields } = roomEvent;
    return { ...fields, room, mine, live };
  }
  const sentence =
    roomEvent.kind === 'violation' ? { sentence: violationSentence(roomEvent.code, roomEvent.user) } : {};
  return { ...roomEvent, ...sentence, room, mine, live };
}
