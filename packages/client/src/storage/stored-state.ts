/** What a client keeps between two starts. All of it is secret or private: it is stored sealed. */
import type { Fingerprint, RoomId, RoomName, UserName } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import { z } from 'zod';
import type { Certified } from '../connection/enrolment.ts';
import type { Pin } from '../identity/pins.ts';
import type { MessageView } from '../view.ts';

/** A message typed and not yet accepted by the server. */
export interface Waiting {
  /** The request's id: a repeat after a reconnect is recognised by it. */
  readonly cid: string;
  readonly text: string;
  /** Hashes of the entries that were made for it: one of them on the log is this message, delivered. */
  readonly hashes: readonly string[];
}

export interface StoredRoom {
  readonly name: RoomName;
  readonly state: RoomState;
  readonly outbox: readonly Waiting[];
  readonly recent: readonly MessageView[];
  /** Set before the server is asked to take this user out of the room, until its log shows that it did. */
  readonly leaving?: true | undefined;
  /** In a conversation of two, the other one, also once they have left. */
  readonly peer?: UserName | undefined;
  /**
   * Where the history is for all: `due` while what was said before this user came is still to be read; then, while it is,
   * the position up to which all but what was said has been told already.
   */
  readonly replay?: 'due' | number | undefined;
}

/** One of this user's own prekeys. */
export interface StoredPrekey {
  /** ECDH public key, base64url. */
  readonly publicKey: string;
  readonly privateKey: string;
  /** As signed: later than that of the one before, whatever the clock says. */
  readonly madeAt: number;
  /** When it came into use, in ms by this machine's clock. */
  readonly since: number;
}

/** The latest prekey that was seen of somebody: an earlier one is not taken any more. */
export interface SeenPrekey {
  readonly prekey: string;
  readonly madeAt: number;
}

export interface Stored {
  readonly v: 2;
  /** The latest certificate and where it was good for. */
  readonly certified: Certified | null;
  /** The identity key that each person was first seen with, or that the user chose to trust since. */
  readonly pins: Readonly<Record<UserName, Pin>>;
  /** Newest first: two, or up to 14 while an invitation waits. */
  readonly prekeys: readonly StoredPrekey[];
  readonly seenPrekeys: Readonly<Record<Fingerprint, SeenPrekey>>;
  /** Rooms that this user asked to be let into. */
  readonly knocked: Readonly<Record<RoomId, RoomName>>;
  readonly rooms: Readonly<Record<RoomId, StoredRoom>>;
}

export const emptyStored: Stored = {
  v: 2,
  certified: null,
  pins: {},
  prekeys: [],
  seenPrekeys: {},
  knocked: {},
  rooms: {},
};

const time = z.int().min(0);

const stored = z.looseObject({
  v: z.literal(2),
  certified: z
    .object({ tls: z.object({ privateKey: z.string(), certificate: z.string() }), chatPort: z.int() })
    .nullable(),
  pins: z.record(z.string(), z.object({ fingerprint: z.string(), verified: z.boolean() })),
  prekeys: z.array(z.object({ publicKey: z.string(), privateKey: z.string(), madeAt: time, since: time })).max(14),
  seenPrekeys: z.record(z.string(), z.object({ prekey: z.string(), madeAt: time })),
  knocked: z.record(z.string(), z.string()),
  rooms: z.record(z.string(), z.looseObject({ name: z.string(), state: z.looseObject({ v: z.literal(2) }) })),
});

const earlier = z.looseObject({ v: z.int().max(1) });

/**
 * Checks the version and the outline: what was unsealed was written by this client, and is whole or not at all.
 * `outdated`: by an earlier development version of it, of which nothing was ever released.
 */
export function parseStored(text: string): Stored | 'damaged' | 'outdated' {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'damaged';
  }
  if (earlier.safeParse(json).success) return 'outdated';
  const parsed = stored.safeParse(json);
  return parsed.success ? (parsed.data as unknown as Stored) : 'damaged';
}

/** Where it is kept. */
export interface Vault {
  /** Resolves when it would survive a crash. The newest of several calls wins. */
  save(stored: Stored): Promise<void>;
  close(): Promise<void>;
}
