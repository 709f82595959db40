/** What the parts of a client share: identity, stores, the connection and the event sink. */
import {
  type ChatOperation,
  type Fingerprint,
  type PublicIdentity,
  type RequestOf,
  type ResultOf,
  type RoomId,
  toHex,
  type UserName,
} from '@chat/protocol';
import type { Author, Prekey, RoomCrypto, Signer } from '@chat/room';
import type { EntryArchive } from './entry-archive.ts';
import type { AuthorityNews, ClientEvent } from './events.ts';
import type { Pins } from './identity/pins.ts';
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

/** The user's own prekeys, as rooms use them. `PrekeyRing` implements it. */
export interface OwnPrekeys {
  /** The prekeys to which a wrap for this user may have been made, newest first. */
  readonly keys: readonly Prekey[];
}

/** A prekey that the client refuses. */
export interface RefusedPrekey {
  readonly user: UserName;
  /**
   * `wrong-prekey`: the server showed another identity key, a prekey that the user has not signed, or an old one. `early-prekey`:
   * the user has signed it with a time that is more than `limits.prekeyAhead` ahead.
   */
  readonly code: 'wrong-prekey' | 'early-prekey';
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

/** What the parts of a client share. */
export interface ClientContext {
  readonly user: UserName;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  readonly authority: KnownAuthorities;
  readonly pins: Pins;
  readonly archive: EntryArchive;
  /** The entries of all rooms that wait to be read. */
  readonly waiting: WaitingEntries;
  readonly prekeys: OwnPrekeys;
  readonly directory: Directory;
  /**
   * Sends a request on the current connection.
   *
   * @throws ProtocolError the server's refusal
   * @throws ClientError `offline` without a connection; `unreachable` or `timed-out` if the outcome is unknown
   */
  request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>>;
  /** Stores everything now; resolves when it would survive a crash. */
  save(): Promise<void>;
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
