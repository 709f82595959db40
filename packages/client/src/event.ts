/** What a client tells the program that uses it. */
import type { Fingerprint, RoomId, RoomName, UserName } from '@chat/protocol';
import type { RoomEvent } from '@chat/room';

export type ClientEvent =
  /** `reason` is a sentence; `retryInMs` says when the next attempt to connect is made. */
  | { readonly kind: 'connection'; readonly status: 'online' }
  | { readonly kind: 'connection'; readonly status: 'offline'; readonly reason: string; readonly retryInMs: number }
  /** Connecting again is pointless until a person acts (the server refuses this identity). */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  | {
      readonly kind: 'room';
      readonly room: RoomId;
      readonly name: RoomName;
      readonly event: RoomEvent;
      /** Whether it is this user's own doing. */
      readonly mine: boolean;
      /** False while the log is caught up on, true for what happens now. */
      readonly live: boolean;
    }
  /** The room's key is there: from now on its messages can be read and sent. */
  | { readonly kind: 'ready'; readonly room: RoomId; readonly name: RoomName; readonly epoch: number }
  /** The log was read up to the server's latest entry; what follows is live. */
  | { readonly kind: 'caught-up'; readonly room: RoomId; readonly name: RoomName }
  | {
      readonly kind: 'presence';
      readonly room: RoomId;
      readonly name: RoomName;
      readonly user: UserName;
      readonly online: boolean;
    }
  /** Nothing is encrypted for this room until `trust(user)` is called. */
  | {
      readonly kind: 'identity-changed';
      readonly room: RoomId;
      readonly name: RoomName;
      readonly user: UserName;
      readonly known: Fingerprint;
      readonly seen: Fingerprint;
    }
  /** A message that waited could not be sent for good; its text is here so that nothing is lost. */
  | {
      readonly kind: 'undelivered';
      readonly room: RoomId;
      readonly name: RoomName;
      readonly text: string;
      readonly code: string;
      readonly reason: string;
    }
  /** Something of the client's own failed (its file could not be written, ...). */
  | { readonly kind: 'trouble'; readonly code: string; readonly reason: string };

export type ClientListener = (event: ClientEvent) => void;
