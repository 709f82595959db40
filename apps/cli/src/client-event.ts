/** Names for the types of the client's events, and of the room events inside them. */
import type { ClientEvent } from '@chat/client';

/** The kind of a client event. */
export type EventKind = ClientEvent['kind'];
/** The client event of one kind. */
export type EventOf<K extends EventKind> = Extract<ClientEvent, { kind: K }>;

/** A client event that contains a room event. */
export type RoomClientEvent = EventOf<'room'>;
/** An event of a room. */
export type RoomEvent = RoomClientEvent['event'];
/** The kind of a room event. */
export type RoomEventKind = RoomEvent['kind'];
/** The room event of one kind. */
export type RoomEventOf<K extends RoomEventKind> = Extract<RoomEvent, { kind: K }>;
/** The code of a violation that the client reports. */
export type ViolationCode = RoomEventOf<'violation'>['code'];
