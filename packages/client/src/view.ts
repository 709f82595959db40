/** What a screen shows of a room. */
import type { Fingerprint, Role, RoomId, RoomName, UserName } from '@chat/protocol';

export interface MemberView {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly role: Role;
  readonly online: boolean;
  /** Whether this member makes the room's next key. */
  readonly hub: boolean;
  readonly me: boolean;
}

export interface MessageView {
  readonly seq: number;
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly text: string;
  /** Milliseconds since 1970, by the author's clock. */
  readonly at: number;
}

export interface RoomView {
  readonly room: RoomId;
  readonly name: RoomName;
  /** In the order in which they joined. */
  readonly members: readonly MemberView[];
  /** Number of the latest epoch; 0 before the first. */
  readonly epoch: number;
  /** Whether the latest epoch's key is held. */
  readonly hasKey: boolean;
  /** Whether somebody left and the new key is not made yet. */
  readonly rekeying: boolean;
  /** Whether the log was read up to the server's latest entry since the last connect. */
  readonly caughtUp: boolean;
  /** Whether this user was taken out: what they have can be read, and nothing comes or goes any more. */
  readonly removed: boolean;
  /** Messages typed and not yet read on the log. */
  readonly unsent: number;
  /** The latest messages, oldest first, at most 100. */
  readonly recent: readonly MessageView[];
}
