/** The JSON objects that commands print. The README describes them: fields may be added, but never changed. */
import { type ClientEvent, type InvitationView, type MessageHit, type MessageView, mentionsIn } from '@chat/client';
import type { RoomName, UserName } from '@chat/protocol';
import type { RoomEvent } from '../client-event.ts';
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

/** Returns whether a text mentions a user. */
const mentions = (text: string, me: UserName): boolean => mentionsIn(text, (name) => name === me).length > 0;

/** Returns a message of before this run. A reply names the number of the message that it answers. */
export function jsonMessage(title: string, { replyTo, ...message }: MessageView, me: UserName): JsonEvent {
  return {
    kind: 'message',
    room: title,
    ...message,
    ...(replyTo && { replyTo: replyTo.seq }),
    ...(mentions(message.text, me) && { mentionsMe: true }),
    mine: message.user === me,
    live: false,
  };
}

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

interface SaidFields {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** Returns the fields of a message that was read, or of a change of one; null for any other event. */
function jsonSaid(event: RoomEvent, me: UserName): SaidFields | null {
  if (!('hash' in event)) return null;
  if (event.kind === 'unreadable') {
    const { kind, seq, user, fingerprint, epoch } = event;
    return { kind, seq, user, fingerprint, epoch };
  }
  const { hash: _hash, epoch: _epoch, ...fields } = event;
  if (fields.kind === 'message') {
    const { replyTo, file, ...message } = fields;
    return {
      ...message,
      ...(replyTo && { replyTo: replyTo.seq }),
      // Its key stays in the profile.
      ...(file && { file: { name: file.name, size: file.size, type: file.type } }),
      ...(mentions(message.text, me) && { mentionsMe: true }),
    };
  }
  if (fields.kind === 'newer') {
    const { body: _body, ...newer } = fields;
    return newer;
  }
  if (!('target' in fields)) return fields;
  const { target, earlierKeys: _keys, ...change } = fields;
  return { ...change, target: target.seq };
}

/** Returns an event of the room or of the connection; null for an event of another room. */
export function jsonEvent({ roomName, title: room }: TitledRoom, event: ClientEvent, me: UserName): JsonEvent | null {
  if (!('roomName' in event)) return { ...event, room };
  if (event.roomName !== roomName) return null;
  if (event.kind !== 'room') {
    const { roomName: _name, roomId: _id, ...fields } = event;
    return { ...fields, room };
  }
  const { event: roomEvent, mine, live, late } = event;
  const said = jsonSaid(roomEvent, me);
  if (said !== null) return { ...said, room, mine, live, ...(late && { late }) };
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
