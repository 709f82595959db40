/** The events of a client, and the set of their listeners. */
import type { Fingerprint, MessageKind, Policy, RoomId, RoomName, UserName } from '@chat/protocol';
import type { RoomEvent } from '@chat/room';
import type { MessageView, TransferView } from './view.ts';

/** The room that an event concerns. */
interface EventRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
}

/** The room and the user that an event concerns. */
interface EventUser extends EventRoom {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
}

/** What a client has learned of the authorities. */
export type AuthorityNews =
  /** The pinned authority has signed a successor, which the server uses `from` this time on. */
  | { readonly status: 'announced'; readonly from: number }
  /** The client has pinned the successor. */
  | { readonly status: 'renewed' }
  /** The pinned authority has withdrawn the successor. */
  | { readonly status: 'withdrawn' }
  /** The pinned authority has signed two successors. */
  | { readonly status: 'disputed' }
  /** The server has shown a successor that the authority before it, or the successor itself, has not signed. */
  | { readonly status: 'forged' };

/** An event of a client. */
export type ClientEvent =
  /** The client has logged in. */
  | { readonly kind: 'connection'; readonly status: 'online' }
  /** The connection is lost. `reason` is one sentence; the client connects again after `retryInMs`. */
  | {
      readonly kind: 'connection';
      readonly status: 'offline';
      readonly code: string;
      readonly reason: string;
      readonly retryInMs: number;
    }
  /** The client has learned of a change of the server's certificate authority. `from` is in ms since 1970. */
  | ({ readonly kind: 'authority' } & AuthorityNews)
  /** The server refuses this identity. The client does not connect again by itself. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  /** An entry of a room's log, or a violation that the client found in it. A change of a message that counts for nothing is no event. */
  | (EventRoom & {
      readonly kind: 'room';
      readonly event: RoomEvent;
      /** True if the local user is the author. */
      readonly mine: boolean;
      /** False while the client catches up, true for entries that arrive afterwards. */
      readonly live: boolean;
      /** True for a message that was read later than what follows it, because its key came late. Its position is before theirs. */
      readonly late?: true | undefined;
      /** The message that a reply answers, or what a change has made of its message. Absent if the client does not have it. */
      readonly about?: MessageView | undefined;
    })
  /** The client has the room's key and can read and send messages. */
  | (EventRoom & { readonly kind: 'ready'; readonly epoch: number })
  /** The client has read the log up to the server's latest entry. */
  | (EventRoom & { readonly kind: 'caught-up' })
  /**
   * The client has asked for the log for `forMs`, on one or more connections, and the server has neither sent its end nor more than
   * a few entries. Reported once until it is over.
   */
  | (EventRoom & { readonly kind: 'stalled'; readonly forMs: number })
  /** The server has sent the log of a room for which `stalled` was reported. */
  | (EventRoom & { readonly kind: 'stall-over' })
  /**
   * The server's log ends at `head`, `lost` entries before what the client has read, as after a restore from a backup. The client
   * gives back what it has kept of them.
   */
  | (EventRoom & { readonly kind: 'server-behind'; readonly head: number; readonly lost: number })
  /**
   * The server had lost the entries from `first` to `last`, the earliest of them from `since` (in ms since 1970), and the clients of
   * these members have given them back, by the server's word.
   */
  | (EventRoom & {
      readonly kind: 'restored';
      readonly first: number;
      readonly last: number;
      readonly since: number;
      readonly by: readonly UserName[];
    })
  /**
   * The server's log is not the one that the client has read: some entries are others. The client reads and sends nothing there;
   * `leaveRoom` erases what is stored of the room, and `joinRoom` begins with the server's log.
   */
  | (EventRoom & { readonly kind: 'other-log' })
  /**
   * The server says that its operator has deleted the room. The client reads and sends nothing there; `leaveRoom` erases what is
   * stored of it. Reported once while the client runs.
   */
  | (EventRoom & { readonly kind: 'room-deleted' })
  /** The user has read the messages of the room up to this position, in this program or in another one of this profile. */
  | (EventRoom & { readonly kind: 'read'; readonly seq: number })
  /** The user has changed what notifies, or which users are muted or blocked, in this program or in another one of this profile. */
  | { readonly kind: 'attention-changed' }
  /** A member has connected or disconnected, by the server's word. */
  | (EventRoom & { readonly kind: 'presence'; readonly user: UserName; readonly online: boolean })
  /**
   * The server says that a member is connected, and for `forMs` the client has received nothing that the member has signed: the
   * server may keep the two apart. Reported once, until the member is heard again.
   */
  | (EventUser & { readonly kind: 'unheard'; readonly forMs: number })
  /** A member of whom `unheard` was reported has been heard. */
  | (EventUser & { readonly kind: 'heard-again'; readonly forMs: number })
  /**
   * A member has signed that they have read the log up to `seq`, and for a minute the server has not sent this client more than
   * the entries up to `readSeq`: the server withholds entries, or the member's client signs what is not true.
   */
  | (EventUser & { readonly kind: 'behind'; readonly seq: number; readonly readSeq: number })
  /** Another member has become the room's hub; `before` is the previous hub. The first hub is not reported. */
  | (EventRoom & { readonly kind: 'hub'; readonly user: UserName; readonly before: UserName })
  /**
   * The server has confirmed a leave whose answer was lost before; or, if `elsewhere`, another program of this profile has left the room. Nothing
   * is stored of the room any more, unless the client has left it by itself (`RoomView.left`).
   */
  | (EventRoom & { readonly kind: 'left'; readonly elsewhere?: true })
  /**
   * This user and another one had opened a direct room with each other at the same moment. The conversation goes on in this room,
   * with what the local user has said since the other one was invited; the client leaves the room `from`. `kept`: it has other messages
   * too, and stays to be read until the user leaves it.
   */
  | (EventRoom & {
      readonly kind: 'direct-moved';
      readonly user: UserName;
      readonly from: RoomName;
      readonly kept: boolean;
    })
  /** A member has invited the user; `joinRoom` accepts. */
  | (EventRoom & { readonly kind: 'invited'; readonly by: UserName; readonly policy: Policy })
  /** Another member, by the server's word, has dismissed the knock of a user. */
  | (EventRoom & { readonly kind: 'knock-dismissed'; readonly user: UserName; readonly by: UserName })
  /**
   * The local user's knock at the room waits no longer, by the server's word: it was too old, gave way to others, or was dismissed.
   * The user may knock again.
   */
  | (EventRoom & { readonly kind: 'knock-ended' })
  /**
   * A user has not accepted an invitation to the room for `forMs`, so this client has withdrawn it. `invite` invites the user again.
   */
  | (EventUser & { readonly kind: 'invitation-ended'; readonly forMs: number })
  /** A user asks to be invited into the room; `invite` grants it. `verified` is true if the local user has verified this key. */
  | (EventUser & { readonly kind: 'knock'; readonly verified: boolean })
  /**
   * The client lacks the key of this epoch and has asked these members for it, the latest last. It cannot read messages of
   * the epoch until a member answers. `since` is when the client first missed the key, in ms since 1970.
   */
  | (EventRoom & {
      readonly kind: 'key-wanted';
      readonly epoch: number;
      readonly since: number;
      readonly asked: readonly UserName[];
    })
  /**
   * The key that this client has made has no wrap for these members: they have no prekey, or one that the client refuses. They cannot
   * read what is sent until another key or a member gives them one. Reported once, until others are left out.
   */
  | (EventRoom & { readonly kind: 'left-out'; readonly users: readonly UserName[] })
  /** A user has another identity key than the pinned one. The client encrypts nothing for the room until `trust` is called. */
  | (EventRoom & {
      readonly kind: 'identity-changed';
      readonly user: UserName;
      readonly known: Fingerprint;
      readonly seen: Fingerprint;
      /** True if the pinned key was verified. */
      readonly verified: boolean;
    })
  /** A user has renewed the identity key, and the pinned key has signed that. The new one is pinned, and verified if that one was. */
  | {
      readonly kind: 'identity-renewed';
      readonly user: UserName;
      /** The key that was pinned. */
      readonly known: Fingerprint;
      readonly seen: Fingerprint;
      /** True if the key that was pinned was verified. */
      readonly verified: boolean;
    }
  /** All of the user's rooms, and those to which the user is invited, have the user's own renewed identity key, but rooms that are `denied`. */
  | { readonly kind: 'renewal-complete' }
  /** How far a transfer of a file is: twice a second while it moves, and its end. */
  | (EventRoom & { readonly kind: 'transfer'; readonly transfer: TransferView })
  /**
   * The client gives up sending a message of the outbox; `text` is the whole text of it. `what` is its kind, if it is another one than
   * `text`.
   */
  | (EventRoom & {
      readonly kind: 'undelivered';
      readonly text: string;
      readonly what?: Exclude<MessageKind, 'text'> | undefined;
      readonly code: string;
      readonly reason: string;
    })
  /**
   * The server has a prekey that the user's identity key has signed and that this client did not make: another program has the
   * identity key, or this profile was put back from a copy. The client replaces it. `madeAt` is its signed time, in ms since 1970;
   * `ahead` is true if that is more than a day ahead.
   */
  | { readonly kind: 'foreign-prekey'; readonly madeAt: number; readonly ahead: boolean }
  /**
   * The server has taken this user's latest prekey and lacks it now, as after a restore from a backup. The client stores it there again.
   */
  | { readonly kind: 'server-lost-prekey' }
  /**
   * The server shows an earlier prekey of a user than this client has seen, and `server-behind`, `restored` or `server-lost-prekey` has
   * been reported since: it lost the later one with other data. No link is opened to the earlier one, because its owner has erased it. It
   * ends when the user's client connects. Reported once while the client runs, until the server has lost data again.
   */
  | { readonly kind: 'outdated-prekey'; readonly user: UserName }
  /**
   * A `trouble` of this code is over: `not-stored`, when the client's state was written again; `messages-not-written` and
   * `messages-not-erased`, when the folder of the messages takes what it did not; `storage-full`,
   * `room-storage-full` and `limit-reached`, when the server stores messages again; `rooms-unread`, when all
   * rooms were read to the end; `links-unread`, when the openings of all links were read; `backup-failed`, when a backup was made; `program-silent`, when the program that has the
   * profile answers again, or another one has it.
   */
  | {
      readonly kind: 'trouble-over';
      readonly code: DiskCode | FullCode | 'rooms-unread' | 'links-unread' | 'program-silent' | 'backup-failed';
    }
  /**
   * An operation of the client failed: the server refused a request, or the client could not write its file, for example. Codes
   * of the client's own: `not-shown`, when the server has acknowledged a message and not shown it for a minute; `key-not-changed`,
   * when a room has needed a new key for two minutes; `key-missing`, when neither the server nor a member hands out a key;
   * `key-withheld`, when a member has made a key that the members do not have;
   * `messages-damaged`, when files of messages cannot be read; `messages-not-written`, when messages are stored with the state because their
   * folder takes none; `messages-not-erased`, when files may still have what was erased;
   * `rooms-unread`, when rooms were not read to the end for a day; `links-unread`, when the prekey was replaced although links to the
   * one before may be unread; `left-here-only`, when the server does not
   * take a leave; `events-missed`, when this program did not get all events from the one that has the profile; `program-silent`, when that one
   * does not answer; `backup-failed`, when no backup of the profile could be made;
   * `too-many-reports`, when the server has reported so many invitations or knocks that no more are passed on.
   */
  | { readonly kind: 'trouble'; readonly code: string; readonly reason: string };

/** The codes of what the disk does not take: the client's state, its messages, or their erasure. */
export type DiskCode = 'not-stored' | 'messages-not-written' | 'messages-not-erased';

/** The codes with which a server refuses messages for want of space. A message waits in the outbox meanwhile. */
export type FullCode = 'storage-full' | 'room-storage-full' | 'limit-reached';

/** Called with each event of a client. */
export type ClientListener = (event: ClientEvent) => void;

/** The listeners of one client. */
export class Listeners {
  readonly #listeners = new Set<ClientListener>();

  /**
   * Adds a listener to those that get every event.
   *
   * @returns a function that removes the listener
   */
  add(listener: ClientListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls each listener. If one throws, its error is rethrown as uncaught, and the others are still called. */
  emit(event: ClientEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
