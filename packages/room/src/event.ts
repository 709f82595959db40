/** Events that an entry causes, for the user interface and for the program that drives the room. */
import type {
  FileReference,
  Fingerprint,
  Identity,
  LoggedGap,
  MessageReference,
  Policy,
  Role,
  RoomName,
  UserName,
} from '@chat/protocol';

/** Breaches of the protocol that a member can prove to itself. The entry has no effect unless stated otherwise. */
export type ViolationCode =
  /** The server sent an entry whose position is not the next one. */
  | 'out-of-order'
  /**
   * The server sent a stub in place of a message that this member may read, or named a wrong position for the invitation. The
   * `join` that shows the latter takes effect.
   */
  | 'withheld'
  /** The server's log ends before the position up to which this member has read it. */
  | 'truncated'
  /** The payload does not match the schema of its entry type. */
  | 'malformed'
  /** The signature is wrong, or the payload names another room, author or key than the entry. */
  | 'bad-signature'
  /** The signer is not a member of the room. */
  | 'not-a-member'
  /** A `create` entry is not the first entry or belongs to another room, or another type is the first entry. */
  | 'wrong-create'
  /** A user joins or is invited under a name or key that a member or an invited user has. */
  | 'already-a-member'
  /**
   * A user joins without the invitation that the room requires, or under another name or key than the invitation's, or declines
   * without one.
   */
  | 'not-invited'
  /** A removed user who has not been readmitted joins or is invited. */
  | 'removed'
  /** A user whose identity has been revoked joins or is invited. */
  | 'revoked'
  /** A user joins without an invitation, or is invited, when members and invited users have reached the limit of a room. */
  | 'room-full'
  /** A decision concerns a user who is not in the room, or names a key and a user name that do not belong together. */
  | 'unknown-member'
  /** The signer's role or the room's policy forbids the entry. */
  | 'not-allowed'
  /**
   * An epoch does not follow the latest one, does not answer the latest membership, is a step after a departure or after an epoch of
   * version 1, or is of version 1 after one of version 2.
   */
  | 'wrong-epoch'
  /** The author of an epoch has made a wrap that does not lead to its secret. The epoch takes effect without its secret. */
  | 'wrong-key'
  /** The server cannot show that the author of an epoch made the wrap that it sent, or made none. */
  | 'wrong-wrap'
  /** A message is encrypted under an earlier epoch, or under one whose secret a departed user has. */
  | 'stale-key'
  /** A message cannot be decrypted with its epoch's key, or its content contradicts its entry. */
  | 'damaged'
  /** The author used a key for more entries than it may serve. The message itself is shown. */
  | 'overused-key'
  /** The log disproves the reason that the author states for a new key. The key takes effect. */
  | 'needless-key'
  /** A message has been on the log before, or an entry is older than a change of the users that it concerns. */
  | 'replayed'
  /** Messages of this author are missing before this message. The message itself is shown. */
  | 'missing-messages'
  /** The author saw another log. Messages and departures take effect, but invitations, roles and epochs do not. */
  | 'fork'
  /** The author view is too old to be compared. The effect is that of `fork`. */
  | 'stale-view'
  /** A member's prekey is not signed by its identity key, or is older than one seen before. The next key is not wrapped to it. */
  | 'wrong-prekey'
  /** A member has signed a prekey with a time that is more than a day ahead of this client's clock. No key is wrapped to it. */
  | 'early-prekey';

/** What each event of a readable `message` entry has. */
export interface MessageHead extends Identity {
  readonly seq: number;
  readonly at: number;
  /** The epoch number. */
  readonly epoch: number;
  /** The entry hash. */
  readonly hash: string;
}

/** What decides what the author of a message may do. */
export interface MessageAuthor {
  /** The keys that the author had in this room since joining it, before the present one. */
  readonly earlierKeys: readonly Fingerprint[];
  /** True if the author's role at this position is one that may hide messages. */
  readonly mayHide: boolean;
}

/** The client does not have the epoch secret of a message. When it comes, `readLate` reads the message. */
export interface UnreadableEvent extends Omit<MessageHead, 'at'>, MessageAuthor {
  readonly kind: 'unreadable';
}

/**
 * A word about an earlier message. The room does not remember messages: a client that has the message finds whether `target` is one, and
 * whether it is the author's own, under this key or one of `earlierKeys`. A change that does not fit counts for nothing.
 */
export type ChangeEvent = MessageHead & {
  readonly target: MessageReference;
  /** The keys that the author had in this room since joining it, before the present one. */
  readonly earlierKeys: readonly Fingerprint[];
} & (
    | { readonly kind: 'edited'; readonly text: string }
    | { readonly kind: 'deleted' }
    /** The author's one reaction to the message; an empty text withdraws it. */
    | { readonly kind: 'reacted'; readonly text: string }
    /** A moderator or the owner, in that role at this position, hides the message for all. */
    | { readonly kind: 'hidden' }
  );

/** A message that stands for itself. */
export type SpokenEvent = MessageHead & { readonly kind: 'message'; readonly text: string } & (
    | { readonly action?: true; readonly replyTo?: undefined; readonly file?: undefined }
    /** The message that it answers. */
    | { readonly action?: undefined; readonly replyTo: MessageReference; readonly file?: undefined }
    /** The file that it sends. The text may be empty. */
    | { readonly action?: undefined; readonly replyTo?: undefined; readonly file: FileReference }
  );

/** A message of a kind that this version does not know. */
export type NewerEvent = MessageHead & {
  readonly kind: 'newer';
  /** The number of the kind. */
  readonly number: number;
  /** What it says, in base64url. */
  readonly body: string;
};

type WithoutEffect = 'without-effect';

/** The event of a `message` entry that was decrypted and continues its author's chain. */
export type ReadMessageEvent =
  | SpokenEvent
  | ChangeEvent
  | NewerEvent
  /** A message without an effect, because its author may not do what it says. */
  | (MessageHead & { readonly kind: WithoutEffect });

const readMessageKinds: ReadonlySet<string> = new Set<ReadMessageEvent['kind']>([
  'message',
  'edited',
  'deleted',
  'reacted',
  'hidden',
  'newer',
  'without-effect',
]);

/** Returns whether an event is that of a message that was decrypted. */
export const isReadMessage = (event: RoomEvent): event is ReadMessageEvent => readMessageKinds.has(event.kind);

/** Returns whether an event is a message that stands for itself. */
export const isSpoken = (event: RoomEvent): event is SpokenEvent | NewerEvent =>
  event.kind === 'message' || event.kind === 'newer';

/** Returns whether an event changes an earlier message. */
export const isChange = (event: RoomEvent): event is ChangeEvent => 'target' in event;

/** One event. `seq` is the position of the entry; `at` is the author's time in milliseconds since 1970. */
export type RoomEvent =
  /** The room has been created. */
  | {
      readonly kind: 'created';
      readonly seq: number;
      readonly by: UserName;
      readonly name: RoomName;
      readonly policy: Policy;
    }
  /** A user has joined. */
  | ({ readonly kind: 'joined'; readonly seq: number; readonly at: number } & Identity)
  /** A member has left. */
  | ({ readonly kind: 'left'; readonly seq: number; readonly at: number } & Identity)
  /** An invited user has declined. */
  | ({ readonly kind: 'declined'; readonly seq: number; readonly at: number } & Identity)
  /** A member has been removed, a removed user has been readmitted, or an invitation has been withdrawn. */
  | ({
      readonly kind: 'removed' | 'readmitted' | 'withdrawn';
      readonly seq: number;
      readonly at: number;
      readonly by: UserName;
    } & Identity)
  /** A user has been invited. */
  | ({
      readonly kind: 'invited';
      readonly seq: number;
      readonly at: number;
      readonly by: UserName;
      /** The inviter states that both users have compared safety numbers. */
      readonly verified: boolean;
    } & Identity)
  /** The operator has revoked this identity, which need not have been in the room. */
  | ({ readonly kind: 'revoked'; readonly seq: number; readonly at: number } & Identity)
  /** A member or an invited user has another identity key, which the key before has signed. `fingerprint` is the new one. */
  | ({
      readonly kind: 'key-renewed';
      readonly seq: number;
      readonly at: number;
      /** The key that the user had in this room, and those between it and the new one. */
      readonly before: readonly Fingerprint[];
    } & Identity)
  /** A member has a new role. */
  | ({
      readonly kind: 'role';
      readonly seq: number;
      readonly at: number;
      /**
       * The member who gave the role; null when ownership passed on because the owner has gone. If `role` is `owner`, the
       * member who gave it is a moderator from this entry on.
       */
      readonly by: UserName | null;
      readonly role: Role;
    } & Identity)
  /** The room has a new key. */
  | {
      readonly kind: 'epoch';
      readonly seq: number;
      /** The epoch number. */
      readonly number: number;
      readonly by: UserName;
      /** The cause of the new key. For `count`, `age` and `lost-key` it is the author's claim. */
      readonly reason: 'created' | 'join' | 'removal' | 'count' | 'age' | 'lost-key';
      /**
       * `held`: the client has the secret. `wanted`: the client must fetch its wrap and pass the secret to `acceptWrap`. `none`: the
       * epoch was not made for this user.
       */
      readonly key: 'held' | 'wanted' | 'none';
    }
  /** A message has been decrypted. */
  | ReadMessageEvent
  | UnreadableEvent
  /**
   * The server no longer has some entries, one after another, that this member may read. No member is at fault. Messages are
   * missing from the view, and the room goes on. `stops`: the client cannot read on, because it cannot know what the entry at
   * `seq`, which is no message, has changed.
   */
  | {
      readonly kind: 'gap';
      /** Position of the first entry. */
      readonly seq: number;
      /** Entry hashes, in order; empty when it `stops`. */
      readonly hashes: readonly string[];
      /** `damaged`: the server's copy is damaged. `expired`: the server says that it keeps messages for a shorter time. */
      readonly cause: LoggedGap['cause'];
      readonly stops: boolean;
    }
  /** The server or a member has breached the protocol. */
  | {
      readonly kind: 'violation';
      readonly code: ViolationCode;
      readonly seq: number;
      /** The member whose entry is the breach; null when there is none. */
      readonly user: UserName | null;
    };

/** Returns a `violation` event. */
export const violation = (code: ViolationCode, seq: number, user: UserName | null = null): RoomEvent => ({
  kind: 'violation',
  code,
  seq,
  user,
});
