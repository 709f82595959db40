/** What a room's log reports: to the feeds of its followers, and to users who were invited. */
import type { RoomId, RoomName, SignedKnock, UserName } from '@chat/protocol';
import type { Room } from '../ports/room-store.ts';
import type { CheckedEntry } from './log-check.ts';

/** Receives the durable entries, states and knocks of one room. */
export interface RoomListener {
  /** Called when an entry is durable: in order, and once for each. MUST NOT throw. */
  entry(entry: CheckedEntry): void;
  /** Called with the room's state after the entries so far. MUST NOT throw. */
  state(state: Room): void;
  /** Called when a knock is durable. MUST NOT throw. */
  knock(knock: SignedKnock): void;
}

/** A durable invitation, as the invited user is notified of it. */
export interface InvitationNotice {
  readonly room: RoomId;
  readonly name: RoomName;
  /** The inviting member. */
  readonly by: UserName;
}
