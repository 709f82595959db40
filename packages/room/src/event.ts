/** What a person, or the program that drives the room, should learn from an entry. */
import type { Fingerprint, Policy, Role, RoomName, UserName } from '@chat/protocol';

/** A breach of the protocol that this member can prove to themselves. The entry counts for nothing unless said otherwise. */
export type ViolationCode =
  /** The server sent an entry out of its place. */
  | 'out-of-order'
  /** The server kept from us an entry that was sent after we joined. */
  | 'withheld'
  /** The server's log ends before what we have read of it. */
  | 'truncated'
  | 'malformed'
  | 'bad-signature'
  | 'not-a-member'
  /** A `create` that is not the first entry, or is another room's. */
  | 'wrong-create'
  | 'already-a-member'
  /** A join of somebody whom nobody invited, in a room that is not open, or of another key or name than the invited one's. */
  | 'not-invited'
  /** Somebody who was removed and not readmitted joins, or is invited. */
  | 'removed'
  /** Somebody whose identity was taken away joins, or is invited. */
  | 'revoked'
  /** Somebody decided about one who is not in the room. */
  | 'unknown-member'
  /** Somebody decided what their role does not allow. */
  | 'not-allowed'
  /** Not on top of the latest epoch, or not an answer to the latest membership, or a step after a removal. */
  | 'wrong-epoch'
  /** The key does not match what the hub committed to. */
  | 'wrong-key'
  /** Said under an old key, or under one that somebody who left still has. */
  | 'stale-key'
  /** A message that does not decrypt under its epoch's key, or is not what its entry says. */
  | 'damaged'
  /** A message that was there before, or an entry from before what has changed about those whom it concerns. */
  | 'replayed'
  /** Messages of this author are missing before this one, which is shown. */
  | 'missing-messages'
  /** The author saw a different log than we did. What shows or takes somebody out counts, what lets somebody in does not. */
  | 'fork'
  /** The author saw so little of the log that theirs cannot be held against ours. Counts as with `fork`. */
  | 'stale-view'
  /** A member's prekey is not signed by them, or older than one seen before: they are left out of the next key. */
  | 'wrong-prekey';

export type RoomEvent =
  | {
      readonly kind: 'created';
      readonly seq: number;
      readonly by: UserName;
      readonly name: RoomName;
      readonly policy: Policy;
    }
  | {
      readonly kind: 'joined';
      readonly seq: number;
      readonly at: number;
      readonly user: UserName;
      readonly fingerprint: Fingerprint;
    }
  | {
      readonly kind: 'left';
      readonly seq: number;
      readonly at: number;
      readonly user: UserName;
      readonly fingerprint: Fingerprint;
    }
  | {
      /** `withdrawn`: of an invitation. */
      readonly kind: 'removed' | 'readmitted' | 'withdrawn';
      readonly seq: number;
      readonly at: number;
      readonly by: UserName;
      readonly user: UserName;
      readonly fingerprint: Fingerprint;
    }
  | {
      readonly kind: 'invited';
      readonly seq: number;
      readonly at: number;
      readonly by: UserName;
      readonly user: UserName;
      readonly fingerprint: Fingerprint;
      /** The inviter's word that they have compared safety numbers. */
      readonly verified: boolean;
    }
  /** The server's operator has taken this identity away; it need not have been in the room. */
  | {
      readonly kind: 'revoked';
      readonly seq: number;
      readonly at: number;
      readonly user: UserName;
      readonly fingerprint: Fingerprint;
    }
  | {
      readonly kind: 'role';
      readonly seq: number;
      readonly at: number;
      /** Who gave it; null when the owner is gone and it passed on by itself. With `owner` they are a moderator now. */
      readonly by: UserName | null;
      readonly user: UserName;
      readonly fingerprint: Fingerprint;
      readonly role: Role;
    }
  | {
      readonly kind: 'epoch';
      readonly seq: number;
      readonly number: number;
      readonly by: UserName;
      /** What the new key answers. That it was due (`count`, `age`) or had not reached its author is the author's word. */
      readonly reason: 'created' | 'join' | 'removal' | 'count' | 'age' | 'lost-key';
      /** `wanted`: our wrap must be fetched and given to `acceptWrap`; `none`: the key was never meant for us. */
      readonly key: 'held' | 'wanted' | 'none';
    }
  | {
      readonly kind: 'message';
      readonly seq: number;
      readonly at: number;
      readonly epoch: number;
      readonly user: UserName;
      readonly fingerprint: Fingerprint;
      readonly hash: string;
      readonly text: string;
    }
  /** A message whose key we lack. */
  | { readonly kind: 'unreadable'; readonly seq: number; readonly user: UserName; readonly epoch: number }
  | {
      readonly kind: 'violation';
      readonly code: ViolationCode;
      readonly seq: number;
      /** The member concerned, where one is. */
      readonly user: UserName | null;
    };

export const violation = (code: ViolationCode, seq: number, user: UserName | null = null): RoomEvent => ({
  kind: 'violation',
  code,
  seq,
  user,
});
