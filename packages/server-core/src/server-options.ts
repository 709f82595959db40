/** What a server is started with, and what a running server offers. */
import type { PermanentRevocationReason } from '@chat/mini-ca';
import type { RoomId, UserName } from '@chat/protocol';
import type { Swept } from './domain/retention/retention.ts';
import type { RevocationResult } from './domain/user-revocation.ts';
import type { AuthorityHistory } from './identity/authority-history.ts';
import type { Authority } from './identity/certificates.ts';
import type { EnrolmentPolicy } from './identity/enrolment.ts';
import type { ServerLimits } from './limits/limits.ts';
import type { Log } from './ports/log.ts';
import type { Metrics } from './ports/metrics.ts';
import type { RetentionBounds } from './ports/retention-store.ts';
import type { Store } from './ports/store.ts';
import type { Address } from './tls/listener.ts';
import type { FrameTap } from './wire/frame-socket.ts';

/** Options of `startServer`. */
export interface ServerOptions {
  /** The CA that issues all certificates, including the server's own. */
  readonly ca: Authority;
  /** The CAs before, and those that are announced. Default: `ca` is the first CA, and no other one is announced. */
  readonly history?: AuthorityHistory;
  /** The server owns it from now on: it closes the store when it stops, and when it cannot start. */
  readonly store: Store;
  /** Address of the enrolment port, and who may enrol. */
  readonly enrolment: Address & { readonly policy: EnrolmentPolicy };
  /** Address of the chat port. */
  readonly chat: Address;
  /** Host names and addresses for the server's certificate, besides localhost and the name that all servers have. */
  readonly names?: readonly string[];
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
  /** Default: the system's generator. */
  readonly randomBytes?: (count: number) => Uint8Array;
  readonly log: Log;
  /** How long messages are kept in rooms that have no bounds of their own. Default: for ever. */
  readonly retention?: RetentionBounds;
  /** Bounds that replace those of `defaultLimits`. */
  readonly limits?: Partial<ServerLimits>;
  /** Returns the free bytes of the disk that holds the store. Default: the disk is not watched. */
  readonly freeBytes?: () => Promise<number>;
  /** Gets every revocation list, PEM, from the start on, for programs besides this server. */
  readonly publishRevocations?: (list: string) => Promise<void>;
  /** Gets counts and times for the operator's monitoring. Default: nothing is counted. */
  readonly metrics?: Metrics;
  /** Observes the bytes of every frame inside TLS. */
  readonly tap?: FrameTap;
}

/** What may change while a server runs. What is not given stays. */
export interface ServerChanges {
  /** Bounds that replace the present ones. They count for open connections and rooms, too. */
  readonly limits?: Partial<ServerLimits>;
  /** Who may enrol. */
  readonly policy?: EnrolmentPolicy;
  /** How long messages are kept in rooms that have no bounds of their own. What is beyond them is deleted soon. */
  readonly retention?: RetentionBounds;
  /** Host names and addresses for the server's certificate. Other ones need a new certificate, which new connections get. */
  readonly names?: readonly string[];
}

/** A running server. Disposing of it stops it. */
export interface ChatServer extends AsyncDisposable {
  /** SHA-256 of the CA's certificate in hexadecimal: clients pin it. */
  readonly caFingerprint: string;
  /** Fingerprint of the server's first CA: signatures of users name the server by it. */
  readonly serverId: string;
  readonly enrolmentAddress: Address;
  readonly chatAddress: Address;
  /**
   * Revokes a user permanently: ends the user's sessions, takes the user out of all rooms, revokes the certificates. Once the
   * first step is durable the server refuses the name and the key; the next start finishes what a crash cuts off. May be
   * called again. Rejects with the store's errors too.
   *
   * @throws ProtocolError `unknown-user`
   */
  revoke(user: UserName, reason: PermanentRevocationReason): Promise<RevocationResult>;
  /**
   * Revokes a user, and then frees the name: another key can enrol under it, and the key of this user never again. May be called
   * again after a crash, and for a user who was revoked before.
   *
   * @returns what was ended; `users` are the names that are free now
   * @throws ProtocolError `unknown-user`
   */
  reset(user: UserName, reason: PermanentRevocationReason): Promise<RevocationResult>;
  /**
   * Replaces the bounds of a room, and deletes the messages that are beyond them.
   *
   * @returns what was deleted; null when there is no such room
   */
  setRetention(roomId: RoomId, bounds: RetentionBounds): Promise<Swept | null>;
  /**
   * Deletes a room for good, and informs the members who follow it; the others learn it at their next connection.
   *
   * @returns false when there is no such room
   */
  deleteRoom(roomId: RoomId): Promise<boolean>;
  /**
   * Changes what is given. Rejects, and changes nothing, when the CA cannot issue a certificate with the new names.
   */
  change(changes: ServerChanges): Promise<void>;
  /** The number of connections of users who have logged in. */
  readonly connections: number;
  /** The number of connections without a login, on both ports. */
  readonly waitingConnections: number;
  /** Bytes that wait for clients to read, on all connections. */
  readonly queuedBytes: number;
  /** Whether both ports accept connections. */
  readonly listening: boolean;
  /** The end of the server's present certificate, which it renews by itself, in milliseconds. */
  readonly certificateEndsAt: number;
  /** Returns the number of the user's connections. */
  connectionsOf(user: UserName): number;
  /**
   * Accepts no more connections, answers pending requests, sends `bye` to all clients, and closes the store. The server also
   * closes when the store fails.
   */
  close(): Promise<void>;
}
