/** The state that a client keeps between two starts. All of it is secret or private: it is stored encrypted. */

import { emptyMessages, type KeptMessage, type StoredMessages, storedMessagesSchema } from '@chat/message-store';
import type { Fingerprint, KeyChain, MessageBody, RoomId, RoomName, UserName } from '@chat/protocol';
import { type ChangeEvent, type Epoch, type RoomState, restoredRoom, type UnreadableEvent, UserMap } from '@chat/room';
import { z } from 'zod';
import type { RoomAttention } from '../attention/client-attention.ts';
import { type AttentionSettings, attentionSettings } from '../attention/settings.ts';
import type { Certified } from '../connection/enrolment.ts';
import type { StoredTransfer } from '../files/stored-transfers.ts';
import type { Heard } from '../freshness/hearing.ts';
import type { Pin } from '../identity/pins.ts';
import { messagesOfRooms } from '../messages/open-messages.ts';
import type { LatestMessage } from '../view.ts';
import { type StoredLinks, storedLinks } from './stored-links.ts';
import { type StoredRecovery, storedRecovery } from './stored-recovery.ts';

/** Values by fingerprint or user name: a client stores a map, and opens a map or the record of it. */
export type Table<T> = UserMap<T> | Readonly<Record<string, T>>;

/** A message in the outbox: sent by the user, and not read on the log yet. */
export interface UnsentMessage {
  /** The id of the request, by which the server recognises a repeat after a reconnect. */
  readonly cid: string;
  readonly text: string;
  /** What it says. Absent: a text. */
  readonly body?: MessageBody | undefined;
  /** Hashes of the entries composed for the message. When one of them is on the log, the message is delivered. */
  readonly hashes: readonly string[];
  /** The id with which its sender may send it again, because it may not learn what has become of it. Absent if there is none. */
  readonly givenId?: string;
}

/** A message that is on the log, and that its sender may send again. */
export interface DeliveredMessage {
  /** The id that its sender has given it. */
  readonly givenId: string;
  /** Position on the log that it was read on: of this room, or of the direct room that this one has replaced. */
  readonly seq: number;
}

/** When the client first knew of an invitation to a room, by this machine's clock. */
export interface SeenInvitation {
  /** Position of the `invite` entry. */
  readonly seq: number;
  /** In ms since 1970. */
  readonly since: number;
}

/** The messages of an epoch whose secret the client lacked when it read them. */
export interface UnreadEpoch {
  readonly epoch: Epoch;
  /** In the order of the log; none for an epoch from which the secret of another one may follow. */
  readonly messages: readonly UnreadableEvent[];
  /** What was read meanwhile and changes one of them. */
  readonly changes: readonly ChangeEvent[];
  /** In base64url, from when it comes until the messages are read. */
  readonly secret?: string | undefined;
}

/** What is stored of one room. */
export interface StoredRoom extends RoomAttention {
  readonly name: RoomName;
  readonly state: RoomState;
  readonly outbox: readonly UnsentMessage[];
  /** The latest message that was read. Absent before the first. */
  readonly latest?: LatestMessage | undefined;
  /** The latest messages that their senders may send again. Default: none. */
  readonly delivered?: readonly DeliveredMessage[] | undefined;
  /**
   * Set before the client sends the leave, until the log or the server shows that the user is out. With `true` all that is stored of the
   * room is erased then; with `kept`, which the user has not asked for, it stays.
   */
  readonly leaving?: true | 'kept' | undefined;
  /** True after a leave that the user has not asked for: what is stored can be read until the user leaves the room. */
  readonly left?: true | undefined;
  /** The room as it was before the user has begun to join it anew, until the join is on the log. */
  readonly before?: StoredRoom | undefined;
  /** In a direct room, the other user, also after they have left. */
  readonly peer?: UserName | undefined;
  /**
   * In a room whose history is for all: `due` while the messages from before the join are still to be read. While the client
   * reads them, the position up to which it has reported everything except messages already.
   */
  readonly replay?: 'due' | number | undefined;
  /** True while the messages that are read for the second time are apart from those of before, which the server may not have any more. */
  readonly apart?: true | undefined;
  /** The messages that wait for their keys. Absent if there are none. */
  readonly unread?: readonly UnreadEpoch[] | undefined;
  /** The latest sign of each member. Default: none, for states from before there were heartbeats. */
  readonly heard?: Table<Heard> | undefined;
  /** The invitations that wait. Default: none, for states from before invitations ended. */
  readonly invitations?: Readonly<Record<Fingerprint, SeenInvitation>> | undefined;
  /** When the client last withdrew invitations because they had ended, by this machine's clock. */
  readonly withdrewAt?: number | undefined;
}

/** One of the user's own prekeys. */
export interface StoredPrekey {
  /** The seed of the X-Wing key pair, 32 bytes in base64url. It is the private key. */
  readonly seed: string;
  /** Public key in base64url. */
  readonly publicKey: string;
  /** The signed time: always later than that of the prekey before, whatever the clock says. */
  readonly madeAt: number;
  /** When the prekey came into use, in ms since 1970 by this machine's clock. */
  readonly since: number;
  /** When this client, connected, first found that the prekey was to be replaced, by this machine's clock. */
  readonly dueSince?: number | undefined;
  /** When the server took the prekey, by this machine's clock. Absent before, and in a state that an earlier version wrote. */
  readonly publishedAt?: number | undefined;
  /** Number of logins since `dueSince`. */
  readonly dueLogins?: number | undefined;
  /** Set by a change that did not wait for unread openings, until all are read: whether the client has reported it. */
  readonly unread?: 'told' | 'untold' | undefined;
}

/** The latest prekey that the client has seen of a user. Earlier ones are refused. */
export interface SeenPrekey {
  /** The first 16 bytes of its hash in hex; null for a prekey of an earlier version of the protocol. */
  readonly id: string | null;
  readonly madeAt: number;
  /** When the server first showed it, by this machine's clock in ms since 1970. Absent in what an earlier version has stored. */
  readonly seenAt?: number | undefined;
}

/** Everything that a client stores. */
export interface Stored {
  /** Version of the format. */
  readonly v: 2;
  /** The latest certificate, and the port where the server accepts it. */
  readonly certified: Certified | null;
  /** The pinned identity key of each user, by name. */
  readonly pins: Table<Pin>;
  /** The renewals up to the user's identity key. Absent if it was never renewed. */
  readonly renewals?: KeyChain | undefined;
  /** True after a renewal, until the rooms to which the user is invited have the new key. */
  readonly renewInvitations?: true | undefined;
  /** Newest first: the current one, and the one before until it is erased. An earlier version wrote up to 14. */
  readonly prekeys: readonly StoredPrekey[];
  /** The signed time of the latest prekey of an earlier version of the protocol: that of each later one is later. */
  readonly earlierMadeAt?: number | undefined;
  /** The latest prekey seen of each identity. */
  readonly seenPrekeys: Table<SeenPrekey>;
  /** When the server was last found to have lost data, by this machine's clock. */
  readonly serverLostAt?: number | undefined;
  /** Absent in a state from before there were links. */
  readonly links?: StoredLinks | undefined;
  /** The ids of the latest runs, the latest first. Absent in a state that an earlier version wrote. */
  readonly runs?: readonly string[] | undefined;
  /** The rooms to which the user has knocked. */
  readonly knocked: Readonly<Record<RoomId, RoomName>>;
  readonly rooms: Readonly<Record<RoomId, StoredRoom>>;
  /** What notifies the user. Absent in a state that an earlier version wrote. */
  readonly attention?: AttentionSettings | undefined;
  /** The messages that were read. Absent in a state that an earlier version wrote, until it is opened. */
  readonly messages?: StoredMessages | undefined;
  /** The files that are being sent and saved. Absent in a state that an earlier version wrote. */
  readonly transfers?: readonly StoredTransfer[] | undefined;
  /** Absent without a recovery phrase. */
  readonly recovery?: StoredRecovery | undefined;
}

/** The state of a new user. */
export const emptyStored: Stored = {
  v: 2,
  certified: null,
  pins: {},
  prekeys: [],
  seenPrekeys: {},
  knocked: {},
  rooms: {},
  messages: emptyMessages,
};

const time = z.int().min(0);

/** A map was stored as a table of its own, by a version that has the form of its values. */
const table = <T>(value: z.ZodType<T>) =>
  z.union([z.custom<UserMap<unknown>>((input) => input instanceof UserMap), z.record(z.string(), value)]);

const stored = z.looseObject({
  v: z.literal(2),
  certified: z
    .object({ tls: z.object({ privateKey: z.string(), certificate: z.string() }), chatPort: z.int() })
    .nullable(),
  pins: table(z.looseObject({ fingerprint: z.string(), verified: z.boolean() })),
  prekeys: z
    .array(z.looseObject({ publicKey: z.string(), seed: z.string().optional(), madeAt: time, since: time }))
    .max(14),
  seenPrekeys: table(z.looseObject({ id: z.string().nullable().default(null), madeAt: time })),
  earlierMadeAt: time.optional(),
  serverLostAt: time.optional(),
  links: storedLinks.optional(),
  runs: z.array(z.string()).optional(),
  attention: attentionSettings.optional(),
  messages: storedMessagesSchema.optional(),
  transfers: z.array(z.looseObject({ id: z.int(), spool: z.string() })).optional(),
  recovery: storedRecovery.optional(),
  knocked: z.record(z.string(), z.string()),
  rooms: z.record(z.string(), z.looseObject({ name: z.string(), state: z.looseObject({ v: z.literal(2) }) })),
});

const earlier = z.looseObject({ v: z.int().max(1) });

/**
 * Parses the text of a stored state, as `readStored` reads what `JSON.parse` makes of it.
 */
export function parseStored(text: string): Stored | 'damaged' | 'outdated' {
  try {
    return readStored(JSON.parse(text));
  } catch {
    return 'damaged';
  }
}

/**
 * Reads a stored state. It checks the version and the outline only, because a client wrote the decrypted text as a whole.
 *
 * @param json a map may stand in place of the record that it was stored as
 * @returns `outdated` for the format of an earlier, never released development version
 */
export function readStored(json: unknown): Stored | 'damaged' | 'outdated' {
  if (earlier.safeParse(json).success) return 'outdated';
  const parsed = stored.safeParse(json);
  if (!parsed.success) return 'damaged';
  // The links are checked, and not copied: a save writes none that is the same object as before.
  const { links } = json as Pick<Stored, 'links'>;
  const read = { ...parsed.data, ...(links === undefined ? {} : { links }) } as unknown as Stored;
  return withRooms(withMessages(withoutEarlierPrekeys(read)));
}

/** Prekeys of elliptic curves alone are erased: nothing is wrapped to them any more. What was seen of others keeps its order. */
function withoutEarlierPrekeys(state: Stored): Stored {
  const current = state.prekeys.filter(({ seed }) => seed !== undefined);
  const earlier = current.length < state.prekeys.length ? state.prekeys[0]?.madeAt : state.earlierMadeAt;
  return {
    ...state,
    prekeys: current,
    ...(earlier === undefined ? {} : { earlierMadeAt: earlier }),
    seenPrekeys: state.seenPrekeys instanceof UserMap ? state.seenPrekeys : withoutEarlierKeys(state.seenPrekeys),
  };
}

/** Of prekeys of an earlier version, the whole key was stored. */
const withoutEarlierKeys = (
  seen: Readonly<Record<Fingerprint, SeenPrekey>>,
): Readonly<Record<Fingerprint, SeenPrekey>> =>
  Object.fromEntries(Object.entries(seen).map(([user, { id, madeAt, seenAt }]) => [user, { id, madeAt, seenAt }]));

/** A room as earlier versions stored it, with its latest 100 messages. */
interface EarlierRoom extends StoredRoom {
  readonly recent?: readonly KeptMessage[];
}

/** Earlier versions kept the latest messages in the rooms. */
function withMessages(state: Stored): Stored {
  if (state.messages !== undefined) return state;
  const earlier = Object.entries<EarlierRoom>(state.rooms);
  const rooms = earlier.map(([roomId, { recent = [], ...room }]): [RoomId, StoredRoom] => {
    const last = recent.at(-1);
    return [roomId, last === undefined ? room : { ...room, latest: { seq: last.seq, at: last.at } }];
  });
  const messages = messagesOfRooms(earlier.map(([roomId, { recent = [] }]) => [roomId, recent]));
  return { ...state, rooms: Object.fromEntries(rooms), messages };
}

const restored = ({ before, ...room }: StoredRoom): StoredRoom => ({
  ...room,
  state: restoredRoom(room.state),
  ...(before === undefined ? {} : { before: restored(before) }),
});

/** Returns the state with the log hashes of its rooms as they are in memory. */
function withRooms(state: Stored): Stored | 'damaged' {
  const rooms: Record<RoomId, StoredRoom> = {};
  for (const [roomId, room] of Object.entries(state.rooms)) {
    try {
      rooms[roomId] = restored(room);
    } catch {
      return 'damaged';
    }
  }
  return { ...state, rooms };
}

/** Where a client stores its state. */
export interface Vault {
  /** Resolves when it would survive a crash. The newest of several calls wins. */
  save(stored: Stored): Promise<void>;
  /** Waits for the last save and releases the store. */
  close(): Promise<void>;
}
