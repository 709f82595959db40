/** Names for the types of the client's events, and of the room events inside them. */
import type { ClientEvent } from '@chat/client';

export type EventKind = ClientEvent['kind'];
export type EventOf<K extends EventKind> = Extract<ClientEvent, { kind: K }>;

export type RoomClientEvent = EventOf<'room'>;
export type RoomEvent = RoomClientEvent['event'];
export type RoomEventKind = RoomEvent['kind'];
export type RoomEventOf<K extends RoomEventKind> = Extract<RoomEvent, { kind: K }>;
export type ViolationCode = RoomEventOf<'violation'>['code'];
