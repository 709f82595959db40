/** The view models of a client: what a screen shows of rooms, members and invitations. */
import type { Fingerprint, Identity, Policy, Role, RoomId, RoomName, UserName } from '@chat/protocol';

/** A member of a room. */
export interface MemberView extends Identity {
  readonly role: Role;
  /** True if the server names the member as connected. */
  readonly online: boolean;
  /**
   * When the client last received something that the member has signed, in ms since 1970 by this machine's clock; null for the
   * local user and for a member who has not been heard.
   */
  readonly heardAt: number | null;
  /** True for the member whose client makes the room's next epoch. */
  readonly hub: boolean;
  /** True for the local user. */
  readonly me: boolean;
  /** True if the user has verified this identity key of the member. */
  readonly verified: boolean;
}

/** A user who is invited and has not joined. They can read what is sent from the invitation on. */
export interface InvitedView extends Identity {
  /** The member who sent the invitation; null if that member has left. */
  readonly by: UserName | null;
  /** True if the user has verified this identity key of the invited user. */
  readonly verified: boolean;
}

/** A message that another one answers. */
export interface QuotedMessage extends Identity {
  /** Position in the room's log. */
  readonly seq: number;
  /** As it is now; empty for a deleted message. */
  readonly text: string;
  /** The name of the file that it sends. */
  readonly fileName?: string | undefined;
  /** True if it was deleted. */
  readonly deleted?: true | undefined;
}

/** What is shown of a file that a member has sent. Its author chose all of it. */
export interface FileView {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** The media type. */
  readonly type: string;
}

/**
 * How far a transfer is. `preparing`: the file is being encrypted. `waiting`: for a connection, or for other transfers. `finishing`: all bytes have
 * moved; the message is to be sent, or the file to be checked and decrypted.
 */
export type TransferState = 'preparing' | 'waiting' | 'moving' | 'finishing' | 'done' | 'failed' | 'cancelled';

/** A file that is being sent or saved. */
export interface TransferView {
  /** The number by which the user names it. */
  readonly id: number;
  readonly direction: 'send' | 'save';
  readonly roomName: RoomName;
  /** The name of the file; of one to save, its author chose it. */
  readonly name: string;
  /** Size of the file in bytes. */
  readonly size: number;
  readonly state: TransferState;
  /** Bytes that are done in this state. Encryption and padding add some to the file. */
  readonly moved: number;
  /** Bytes to do in this state. */
  readonly total: number;
  /** Null while it is not known. */
  readonly bytesPerSecond: number | null;
  /** Milliseconds to the end of this state; null while it is not known. */
  readonly leftMs: number | null;
  /** Where the file was saved; null before, and for one that is sent. */
  readonly path: string | null;
  /** Position of the message with which the file was sent; null before, and for one that is saved. */
  readonly seq: number | null;
  /** Why the transfer has failed; null if it has not. */
  readonly why: { readonly code: string; readonly reason: string } | null;
}

/** A message that the client has read, as later ones have changed it. */
export interface MessageView extends Identity {
  /** Position in the room's log: for all members the number of the message. */
  readonly seq: number;
  /** Empty for a deleted message, and for one that needs a newer client. */
  readonly text: string;
  /** Milliseconds since 1970, by the author's clock. */
  readonly at: number;
  /** True if the text says what the author does, in the third person. */
  readonly action?: true | undefined;
  /** The message that it answers, if the client has it. */
  readonly replyTo?: QuotedMessage | undefined;
  /** The file that it sends. The text may be empty then. `ClientFiles.save` fetches it. */
  readonly file?: FileView | undefined;
  /** The number of a kind that this version does not know: a newer client is needed to read the message. */
  readonly newer?: number | undefined;
  /** When the author edited it last, in ms since 1970 by the author's clock. */
  readonly editedAt?: number | undefined;
  /** Who has deleted it: the author, or a moderator who has hidden it. */
  readonly deletedBy?: UserName | undefined;
  /** One for each user who has reacted, in the order in which they first did. */
  readonly reactions?: readonly { readonly user: UserName; readonly text: string }[] | undefined;
}

/** Where and when the latest message of a room is. */
export interface LatestMessage extends Pick<MessageView, 'seq' | 'at'> {
  /** The author. Absent in what an earlier version has stored. */
  readonly user?: UserName | undefined;
}

/** Which messages of a room notify the user. */
export const notifyLevels = ['all', 'mentions', 'none'] as const;
/** One of them. */
export type NotifyLevel = (typeof notifyLevels)[number];

/** What the user has not read of a room: without own messages, deleted ones, and those of users who are muted or blocked. */
export interface UnreadView {
  /** Number of messages. */
  readonly count: number;
  /** Number of those that mention the user; in a direct room, all. */
  readonly mentions: number;
  /** Position of the first one; null if there is none. */
  readonly first: number | null;
  /** True if there are more than the client remembers. */
  readonly more?: true | undefined;
}

/** A room that the user is invited to and has not joined. */
export interface InvitationView {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  /** The member who sent the invitation. */
  readonly by: UserName;
  readonly policy: Policy;
}

/** A user who asks to be invited. */
export type KnockView = Identity;

/** The fingerprint of a room's log, which members compare to see whether they have read the same log. */
export interface LogFingerprint {
  /** The position up to which the digits cover the log. They are equal only for the same position. */
  readonly seq: number;
  /** Twelve groups of five digits. */
  readonly number: string;
}

/** What two users compare to verify each other. */
export interface SafetyNumber {
  /** Twelve groups of five digits, the same for both users. */
  readonly number: string;
  /** The other user's key to which the number belongs: the argument of `verify` once both have found the numbers equal. */
  readonly fingerprint: Fingerprint;
  /** True if the user has verified this key already. */
  readonly verified: boolean;
}

/** A joined room. */
export interface RoomView {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  /** Who may join and what newcomers can read; null until the client has read the log's first entry. */
  readonly policy: Policy | null;
  /** In a direct room, the other user; otherwise null. */
  readonly peer: UserName | null;
  /** In the order in which they joined. */
  readonly members: readonly MemberView[];
  /** How many members are connected, by the server's word. In a large room it names only some of them. */
  readonly connected: number;
  /** In the order in which they were invited. */
  readonly invited: readonly InvitedView[];
  /** Number of the latest epoch; 0 before the first. */
  readonly epoch: number;
  /** True if the client has the latest epoch's key. */
  readonly hasKey: boolean;
  /** True after a departure or an invitation until the next epoch; nothing can be sent in between. */
  readonly rekeying: boolean;
  /** True once the client has read the log up to the server's latest entry on this connection. */
  readonly caughtUp: boolean;
  /** True if the user was removed or the room deleted. What is stored stays readable; nothing is sent or received any more. */
  readonly removed: boolean;
  /** True if the server's operator has deleted the room, by the server's word. */
  readonly deleted: boolean;
  /** True while the server denies the user the room, by its word, which may be false. What is stored stays readable. */
  readonly denied: boolean;
  /** True while the client asks the server, on every connection, to let the user leave. */
  readonly leaving: boolean;
  /** True if the client has left the room by itself, for another direct room with the same user for example. It is kept to be read. */
  readonly left: boolean;
  /** Number of messages in the outbox. */
  readonly unsent: number;
  /** Position and time of the latest message that was read; null before the first. */
  readonly latest: LatestMessage | null;
  readonly unread: UnreadView;
  /** What of the room notifies; null if the user has not chosen it. */
  readonly notify: NotifyLevel | null;
}
