/** What a client keeps between two starts. All of it is secret or private: it is stored sealed. */
import type { Fingerprint, RoomId, RoomName, UserName } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import { z } from 'zod';
import type { Certified } from './enrolment.ts';
import type { MessageView } from './view.ts';

/** A message typed and not yet accepted by the server. */
export interface Waiting {
  /** The request's id: a repeat after a reconnect is recognised by it. */
  readonly cid: string;
  readonly text: string;
  /** Hashes of the entries that were made for it: one of them on the log is this message, delivered. */
  readonly hashes: readonly string[];
}

/** An ECDH key pair in base64url. */
export interface StoredPrekey {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface StoredRoom {
  readonly name: RoomName;
  readonly state: RoomState;
  /** What the keys of this room are wrapped to, since the latest join. */
  readonly prekey: StoredPrekey;
  readonly outbox: readonly Waiting[];
  readonly recent: readonly MessageView[];
}

export interface Stored {
  readonly v: 1;
  /** The latest certificate and where it was good for. */
  readonly certified: Certified | null;
  /** The identity key that each person was first seen with, or that the user chose to trust since. */
  readonly pins: Readonly<Record<UserName, Fingerprint>>;
  readonly rooms: Readonly<Record<RoomId, StoredRoom>>;
}

export const emptyStored: Stored = { v: 1, certified: null, pins: {}, rooms: {} };

const stored = z.looseObject({
  v: z.literal(1),
  certified: z
    .object({ tls: z.object({ privateKey: z.string(), certificate: z.string() }), chatPort: z.int() })
    .nullable(),
  pins: z.record(z.string(), z.string()),
  rooms: z.record(z.string(), z.looseObject({ name: z.string(), state: z.looseObject({ v: z.literal(1) }) })),
});

/** Checks the version and the outline: what was unsealed was written by this client, and is whole or not at all. */
export function parseStored(text: string): Stored | null {
  try {
    return stored.parse(JSON.parse(text)) as unknown as Stored;
  } catch {
    return null;
  }
}

/** Where it is kept. */
export interface Vault {
  /** Resolves when it would survive a crash. The newest of several calls wins. */
  save(stored: Stored): Promise<void>;
  close(): Promise<void>;
}
