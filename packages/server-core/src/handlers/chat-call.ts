/** What the handlers of the chat port are given: the server's domain, and their session as far as it concerns them. */
import type { Push, RequestOf, ResultOf, RoomId, UserName } from '@chat/protocol';
import type { KeyRequests } from '../domain/key-requests.ts';
import type { Prekeys } from '../domain/prekeys.ts';
import type { Rooms } from '../domain/rooms.ts';
import type { StagedWraps } from '../domain/staged-wraps.ts';
import type { Challenge } from '../identity/enrolment.ts';
import type { Peer } from '../identity/identify-peer.ts';
import type { RegisteredUser } from '../identity/registered-user.ts';
import type { Room, RoomStore } from '../ports/room-store.ts';

/** The connections that follow rooms. */
export interface Followers {
  /** Sends this to those of the user's connections that follow the room; whether there are any. */
  tell(room: RoomId, user: UserName, push: Push): boolean;
}

export interface ChatServices {
  readonly rooms: Rooms;
  readonly store: RoomStore;
  readonly prekeys: Prekeys;
  readonly keyRequests: KeyRequests;
  readonly followers: Followers;
}

/** A connection's subscriptions. */
export interface Subscriptions {
  start(request: RequestOf<'subscribe'>, person: RegisteredUser, room: Room): ResultOf<'subscribe'>;
  stop(room: string): void;
}

export interface ChatCall {
  readonly services: ChatServices;
  readonly challenge: Challenge;
  /** Whom the connection's certificate names, when the directory agrees; rejects with `login-refused` when not. */
  readonly peer: Promise<Peer>;
  /** Who logged in. */
  readonly person: RegisteredUser | null;
  readonly wraps: StagedWraps;
  readonly subscriptions: Subscriptions;
  /** Makes this the session of that person. Throws `not-now` when the connection is closing. */
  readonly admit: (peer: Peer) => void;
}

/** After the login. */
export interface UserCall extends ChatCall {
  readonly person: RegisteredUser;
}

/** In a room that the person is a member of. */
export interface MemberCall extends UserCall {
  readonly room: Room;
}
