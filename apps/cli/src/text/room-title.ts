/** The title of a room on the screen: its name, or `@bob` for the direct room with bob. */
import type { RoomView } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';

/** Stands before a user name where a room name could stand too. */
export const userSign = '@';

/** Returns the title of a room, safe to print. */
export const titleOf = ({ roomName, peer }: Pick<RoomView, 'roomName' | 'peer'>): string =>
  peer === null ? sanitiseLine(roomName, 60) : `${userSign}${sanitiseLine(peer, 40)}`;

/** Returns the joined room that a user names by its name or its title; null when there is none. */
export const findRoom = (rooms: readonly RoomView[], nameOrTitle: string): RoomView | null =>
  rooms.find(
    ({ roomName, peer }) => roomName === nameOrTitle || (peer !== null && nameOrTitle === `${userSign}${peer}`),
  ) ?? null;
