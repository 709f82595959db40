/** What a screen shows of a room. */
import type { Fingerprint, Policy, Role, RoomId, RoomName, UserName } from '@chat/protocol';

export interface MemberView {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly role: Role;
  readonly online: boolean;
  /** Whether this member makes the room's next key. */
  readonly hub: boolean;
  readonly me: boolean;
  /** Whether this user has compared safety numbers with them, for this very key. */
  readonly verified: boolean;
}

/** Somebody who may join and has not: what is said from their invitation on, they will read. */
export interface InvitedView {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** Who invited them; null when that one is not in the room any more. */
  readonly by: UserName | null;
  /** As of a member. */
  readonly verified: boolean;
}

export interface MessageView {
  readonly seq: number;
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly text: string;
  /** Milliseconds since 1970, by the author's clock. */
  readonly at: number;
}

/** A room that waits for this user to join. */
export interface InvitationView {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly by: UserName;
  readonly policy: Policy;
}

/** Somebody who waits to be let in. */
export interface KnockView {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
}

export interface SafetyNumber {
  /** Twelve groups of five digits, the same on both sides. */
  readonly number: string;
  /** The key of theirs that it is for: what `verify` is to be called with once both have found the numbers equal. */
  readonly fingerprint: Fingerprint;
  readonly verified: boolean;
}

export interface RoomView {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  /** Who may join and what newcomers can read; null until the log's first entry was read. */
  readonly policy: Policy | null;
  /** In a room of two, the other one; else null. */
  readonly peer: UserName | null;
  /** In the order in which they joined. */
  readonly members: readonly MemberView[];
  /** In the order in which they were invited. */
  readonly invited: readonly InvitedView[];
  /** Number of the latest epoch; 0 before the first. */
  readonly epoch: number;
  /** Whether the latest epoch's key is held. */
  readonly hasKey: boolean;
  /** Whether somebody left, or was invited, and the new key is not made yet: until it is, nothing is said. */
  readonly rekeying: boolean;
  /** Whether the log was read up to the server's latest entry since the last connect. */
  readonly caughtUp: boolean;
  /** Whether this user was taken out: what they have can be read, and nothing comes or goes any more. */
  readonly removed: boolean;
  /** Whether this user wants to leave and the server has not shown it yet: it is asked again on every connection. */
  readonly leaving: boolean;
  /** Messages typed and not yet read on the log. */
  readonly unsent: number;
  /** The latest messages, oldest first, at most 100. */
  readonly recent: readonly MessageView[];
}
