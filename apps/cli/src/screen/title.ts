/** What a room is called on the screen: its name, or `@bob` for the conversation with bob. */
import type { RoomView } from '@chat/client';
import { sanitiseLine } from './sanitise.ts';

/** How somebody is named where a room could be meant as well. */
export const personSign = '@';

/** Safe to show. */
export const titleOf = ({ roomName: name, peer }: Pick<RoomView, 'roomName' | 'peer'>): string =>
  peer === null ? sanitiseLine(name, 60) : `${personSign}${sanitiseLine(peer, 40)}`;

/** The joined room that was named so: by its name, or by the person that it is a conversation with. */
export const roomCalled = (rooms: readonly RoomView[], word: string): RoomView | null =>
  rooms.find(({ roomName: name, peer }) => name === word || (peer !== null && word === `${personSign}${peer}`)) ?? null;
