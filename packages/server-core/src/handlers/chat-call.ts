/** What a handler of the chat port gets besides the request: the server's services, and the session as far as handlers need it. */
import type { Push, RequestOf, ResultOf, RoomId, UserName } from '@chat/protocol';
import type { Blobs } from '../domain/blobs/blobs.ts';
import type { Heartbeats } from '../domain/heartbeats.ts';
import type { KeyRenewals } from '../domain/key-renewals.ts';
import type { KeyRequests } from '../domain/key-requests.ts';
import type { Links } from '../domain/keys/links.ts';
import type { StagedWraps } from '../domain/keys/staged-wraps.ts';
import type { Wraps } from '../domain/keys/wraps.ts';
import type { Prekeys } from '../domain/prekeys.ts';
import type { ProfileRuns } from '../domain/profile-runs.ts';
import type { Recoveries } from '../domain/recovery/recoveries.ts';
import type { Rooms } from '../domain/rooms.ts';
import type { AuthorityHistory } from '../identity/authority-history.ts';
import type { Challenge } from '../identity/enrolment.ts';
import type { Peer } from '../identity/identify-peer.ts';
import type { RegisteredUser } from '../identity/registered-user.ts';
import type { Room } from '../ports/room-store.ts';
import type { HostQuotas } from '../throttle/host-quotas.ts';

/** The connections that follow rooms. */
export interface Followers {
  /** Sends a push to the user's connections that follow the room. Returns whether there are any. */
  sendTo(user: UserName, roomId: RoomId, push: Push): boolean;
  /** Sends a push to all connections that follow the room. */
  sendToAll(roomId: RoomId, push: Push): void;
}

/** The services of the server that handlers call. */
export interface ChatServices {
  readonly rooms: Rooms;
  readonly blobs: Blobs;
  readonly prekeys: Prekeys;
  readonly keyRenewals: KeyRenewals;
  readonly keyRequests: KeyRequests;
  readonly heartbeats: Heartbeats;
  readonly links: Links;
  readonly wraps: Wraps;
  readonly followers: Followers;
  readonly runs: ProfileRuns;
  readonly hosts: HostQuotas;
  readonly recoveries: Recoveries;
  readonly history: AuthorityHistory;
}

/** The subscriptions of one connection. */
export interface Subscriptions {
  start(request: RequestOf<'subscribe'>, user: UserName, room: Room): ResultOf<'subscribe'>;
  stop(roomId: RoomId): void;
}

/** The session and the services, as every handler of the chat port gets them. */
export interface ChatCall {
  readonly services: ChatServices;
  /** The client's address or network. */
  readonly host: string;
  readonly challenge: Challenge;
  /** The user whom the connection's certificate names; null after the login. Rejects with `login-refused`. */
  readonly peer: Promise<Peer> | null;
  /** The user who has logged in; null before the login. */
  readonly caller: RegisteredUser | null;
  readonly wraps: StagedWraps;
  readonly subscriptions: Subscriptions;
  /** Makes this the session of that user, and ends the user's sessions of other runs. Throws `not-now` when the connection is closing, and `access-revoked`. */
  readonly admit: (peer: Peer, runId: string | null) => void;
}

/** A call after the login. */
export interface UserCall extends ChatCall {
  readonly caller: RegisteredUser;
}

/** A call of a member of the room that the request names. */
export interface MemberCall extends UserCall {
  readonly room: Room;
}
