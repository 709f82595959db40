/** The types of a room's events, as they reach this app inside a `ClientEvent`. */
import type { ClientEvent } from '@chat/client';

export type RoomClientEvent = Extract<ClientEvent, { kind: 'room' }>;
export type RoomEvent = RoomClientEvent['event'];
export type RoomEventKind = RoomEvent['kind'];
export type RoomEventOf<K extends RoomEventKind> = Extract<RoomEvent, { kind: K }>;
export type ViolationCode = RoomEventOf<'violation'>['code'];
