/** What the parts of a client share: identity, stores, the connection and the event sink. */

import type { MessageStore } from '@chat/message-store';
import {
  type ChatOperation,
  type Fingerprint,
  type KeyChain,
  type LinkName,
  type PublicIdentity,
  type RequestOf,
  type ResultOf,
  type RoomId,
  toHex,
  type UserName,
} from '@chat/protocol';
import type { Author, LinkedWrap, OwnPrekey, RoomCrypto, SenderLink, Signer } from '@chat/room';
import type { ClientAttention } from './attention/client-attention.ts';
import type { EntryArchive } from './entry-archive.ts';
import type { AuthorityNews, ClientEvent } from './events.ts';
import type { Pins, RenewedIdentity } from './identity/pins.ts';
import type { WaitingEntries } from './intake-bounds.ts';
import type { Scheduler } from './scheduler.ts';

/** The server's certificate authorities, as the client knows them. */
export interface KnownAuthorities {
  /** SHA-256 of the certificate of the server's first authority, in lower-case hexadecimal. It names the server in signatures. */
  readonly serverId: string;
  /** The authorities' SubjectPublicKeyInfo in base64url, oldest first. They verify `revoke` entries. */
  readonly keys: readonly string[];
  /** Learns on each connection of authorities that follow. Default: the server keeps the authority that it has. */
  greeted?(digest: string | null, ask: () => Promise<ResultOf<'get-authority'>>): Promise<readonly AuthorityNews[]>;
}

/** The user's own prekeys, as links use them. `PrekeyRing` implements it. */
export interface OwnPrekeys {
  /** Returns the prekey with this id; null if there is none, or it is erased. */
  find(id: Uint8Array): OwnPrekey | null;
  /** To be called when no opening waits at the server any more. `askedAt`: when it was asked for the last of them. */
  openingsRead(askedAt: number): void;
}

/** The opening of a link that this client has made. */
export interface NewOpening {
  readonly to: Fingerprint;
  /** In base64url. */
  readonly id: string;
  readonly opening: Uint8Array;
}

/** The sender's ends of links. `SenderLinks` implements it. What they change MUST be stored before anything of it is sent. */
export interface OutgoingLinks {
  /** Runs one piece of work on missing links after another. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Returns whether there is a link to this user that is neither too old nor used up. */
  isUsable(to: Fingerprint): boolean;
  /** Opens a link, in place of the one before; null if `prekey` is not a valid public key, or too many links to the user were lost. */
  open(to: Fingerprint, prekey: Uint8Array): NewOpening | null;
  /** Takes the next step of the link to a user with `wrap`, and returns its wrap; null without a usable link. */
  wrap(to: Fingerprint, wrap: (link: SenderLink) => LinkedWrap | null): Uint8Array | null;
  /** Erases the link with this id to a user, and no later one. */
  forget(to: Fingerprint, id: string): void;
  /** Does the same because the server does not know the link. Returns whether the wrap is to be made again, over another link. */
  lose(to: Fingerprint, id: string): boolean;
}

/** A wrap that this client has received for an epoch. */
export interface FoundWrap {
  readonly roomId: RoomId;
  readonly epochNumber: number;
  /** The member who has made it. */
  readonly from: Fingerprint;
  /** 60 bytes. */
  readonly wrap: Uint8Array;
}

/**
 * The secret that a wrap carries, or why it does not open. `unknown`: this client has no such link. `used`: the step was used before, or
 * too many before it are missing. `wrong`: the wrap was altered, or made for another epoch.
 */
export type Unwrapped = { readonly key: Uint8Array } | 'unknown' | 'used' | 'wrong';

/** The recipient's ends of links. `RecipientLinks` implements it. */
export interface IncomingLinks {
  /** Opens a wrap. Its step is used up when `took` finds the secret of the epoch. */
  unwrap(found: FoundWrap): Unwrapped;
  /** Uses up the steps that led to these secrets. To be called in the turn in which they become part of the state of the room. */
  took(roomId: RoomId, secrets: Readonly<Record<number, string>>): void;
  /** To be called when the user enters a room anew: what was taken of it before counts no more. */
  entered(roomId: RoomId): void;
  /** Erases the link of a wrap. Returns its name. */
  drop(found: FoundWrap): LinkName;
}

/** The openings of links that wait at the server. `LinkMail` implements it. */
export interface Mail {
  /** Fetches what waits. Resolves when it was fetched, or could not be. */
  fetch(): Promise<void>;
  /** Tells the server which links this client cannot use, so that their senders open others. */
  reportLost(lost: readonly LinkName[]): Promise<void>;
}

/** When the server was last found to lack what it has had, as after a restore from a backup. `ServerLoss` implements it. */
export interface KnownLoss {
  /** To be called when a loss is reported to the user. */
  found(): void;
  /**
   * Returns whether a loss explains that the server shows an earlier state than the one of this time (in ms since 1970; undefined if it is
   * not known, as of what an earlier version has stored).
   */
  explains(seenAt: number | undefined): boolean;
  /** Notes the report that the server shows an earlier prekey of this user. Returns false if there was one since the loss. */
  noteReport(user: UserName): boolean;
}

/** A prekey that the client refuses. */
export interface RefusedPrekey {
  readonly user: UserName;
  /**
   * `wrong-prekey`: the server showed another identity key to which no renewal leads, a prekey that the user has not signed, one of another suite, or an earlier
   * one. `early-prekey`: the user has signed it with a time that is more than `limits.prekeyAhead` ahead. `outdated-prekey`: the user has
   * signed it, it is earlier than one that was seen, and the server has lost data since.
   */
  readonly code: 'wrong-prekey' | 'early-prekey' | 'outdated-prekey';
}

/** The prekeys of some users. */
export interface FoundPrekeys {
  /** Without users who have no prekey or whose prekey is refused. */
  readonly prekeys: ReadonlyMap<Fingerprint, Uint8Array>;
  readonly refused: readonly RefusedPrekey[];
}

/** Prekeys and identities of other users. `PrekeyDirectory` implements it. Rejects as `request` does. */
export interface Directory {
  /** Resolves with the current prekeys of these users of a room. */
  find(roomId: RoomId, users: readonly PublicIdentity[]): Promise<FoundPrekeys>;
  /**
   * Resolves with the identity of a user name at this server, proven by the signature of its prekey; null if the user has
   * never connected. Only a pin or a safety number shows that it is the person whom the local user means.
   *
   * @throws ClientError `wrong-prekey`
   */
  identityOf(user: UserName): Promise<PublicIdentity | null>;
}

/** Renewals of other users' identity keys. `RenewedIdentities` implements it. */
export interface Identities {
  /** Lets the pin follow a renewal whose signatures have been verified. */
  renewed(renewed: RenewedIdentity): void;
  /** Lets the pin follow the renewals that the server shows, if they lead from the pinned key to this one. Never rejects. */
  follow(user: UserName, seen: Fingerprint): Promise<void>;
  /** Returns whether renewals that the server shows lead from this key to the pinned one. Never rejects. */
  isEarlier(user: UserName, fingerprint: Fingerprint): Promise<boolean>;
  /**
   * Returns whether renewals that the server shows lead from one key of a user to another one.
   *
   * @throws as `ClientContext.request` does
   */
  leads(user: UserName, from: Fingerprint, to: Fingerprint): Promise<boolean>;
  /** To be called when a room, or all rooms with an invitation, have the user's own renewed key. */
  ownRenewed(): void;
}

/** What the parts of a client share. */
export interface ClientContext {
  readonly user: UserName;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  readonly authority: KnownAuthorities;
  readonly pins: Pins;
  readonly attention: Pick<ClientAttention, 'isIgnored'>;
  readonly archive: EntryArchive;
  /** The messages that were read. */
  readonly messages: MessageStore;
  /** The entries of all rooms that wait to be read. */
  readonly waiting: WaitingEntries;
  readonly serverLoss: KnownLoss;
  readonly directory: Directory;
  readonly identities: Identities;
  /** The renewals up to the user's key; null if it was never renewed. */
  readonly ownChain: KeyChain | null;
  readonly outgoing: OutgoingLinks;
  readonly incoming: IncomingLinks;
  readonly mail: Mail;
  /** The pace at which keys are replaced for their age: `next` returns the wait for one more, in ms. `KeyPace` implements it. */
  readonly keyPace: { next(now: number): number };
  /**
   * Sends a request on the current connection.
   *
   * @throws ProtocolError the server's refusal
   * @throws ClientError `offline` without a connection; `unreachable` or `timed-out` if the outcome is unknown
   */
  request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>>;
  /** Stores everything now; resolves when it would survive a crash. */
  save(): Promise<void>;
  /**
   * Stores everything; resolves when what was erased of the messages is in no file any more.
   *
   * @throws ClientError `not-stored`, `not-erased`
   */
  erased(): Promise<void>;
  /** To be called when the user has deleted a message that sends the file of this blob. */
  fileDeleted(roomId: RoomId, blob: string): void;
  /** Stores everything within a fraction of a second. */
  saveSoon(): void;
  emit(event: ClientEvent): void;
}

/** Returns the user as the author of an entry composed now. */
export const authorOf = ({ user, signer, crypto, scheduler }: ClientContext): Author => ({
  user,
  signer,
  crypto,
  now: scheduler.now(),
});

/** Returns a new request id: 16 random bytes in hexadecimal. */
export const newClientId = (crypto: RoomCrypto): string => toHex(crypto.random(16));
