/** What a client tells the program that uses it. */
import type { Fingerprint, Policy, RoomId, RoomName, UserName } from '@chat/protocol';
import type { RoomEvent } from '@chat/room';

/** The room that an event is about. */
interface Placed {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
}

export type ClientEvent =
  /** `reason` is a sentence; `retryInMs` says when the next attempt to connect is made. */
  | { readonly kind: 'connection'; readonly status: 'online' }
  | { readonly kind: 'connection'; readonly status: 'offline'; readonly reason: string; readonly retryInMs: number }
  /** Connecting again is pointless until a person acts (the server refuses this identity). */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  | (Placed & {
      readonly kind: 'room';
      readonly event: RoomEvent;
      /** Whether it is this user's own doing. */
      readonly mine: boolean;
      /** False while the log is caught up on, true for what happens now. */
      readonly live: boolean;
    })
  /** The room's key is there: from now on its messages can be read and sent. */
  | (Placed & { readonly kind: 'ready'; readonly epoch: number })
  /** The log was read up to the server's latest entry; what follows is live. */
  | (Placed & { readonly kind: 'caught-up' })
  | (Placed & { readonly kind: 'presence'; readonly user: UserName; readonly online: boolean })
  /** Another member makes the room's keys from now on; `before` is who did, null when nobody was there to. */
  | (Placed & { readonly kind: 'hub'; readonly user: UserName; readonly before: UserName | null })
  /** A leave whose answer had been lost is done: nothing is kept of the room any more. */
  | (Placed & { readonly kind: 'left' })
  /** A member has invited this user: `joinRoom` enters. */
  | (Placed & { readonly kind: 'invited'; readonly by: UserName; readonly policy: Policy })
  /** Somebody asks to be let into the room: `invite` does. */
  | (Placed & { readonly kind: 'knock'; readonly user: UserName; readonly fingerprint: Fingerprint })
  /**
   * The key of this epoch has not reached this user, who has asked these members for it so far, the latest one last: until
   * it comes, nothing that was said since can be read. `since`: when it was first missed, in ms since 1970.
   */
  | (Placed & {
      readonly kind: 'key-wanted';
      readonly epoch: number;
      readonly since: number;
      readonly asked: readonly UserName[];
    })
  /** Nothing is encrypted for this room until `trust(user)` is called. */
  | (Placed & {
      readonly kind: 'identity-changed';
      readonly user: UserName;
      readonly known: Fingerprint;
      readonly seen: Fingerprint;
      /** Whether the known key was marked as verified. */
      readonly verified: boolean;
    })
  /** A message that waited could not be sent for good; its text is here so that nothing is lost. */
  | (Placed & {
      readonly kind: 'undelivered';
      readonly text: string;
      readonly code: string;
      readonly reason: string;
    })
  /** Something of the client's own failed (its file could not be written, ...). */
  | { readonly kind: 'trouble'; readonly code: string; readonly reason: string };

export type ClientListener = (event: ClientEvent) => void;
