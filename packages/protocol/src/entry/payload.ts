/** The payloads of entries, one schema for each type. The schemas are strict: an unknown field makes a payload invalid. */
import { z } from 'zod';
import { decodeCbor } from '../cbor/reader.ts';
import { encodeCbor } from '../cbor/writer.ts';
import { fingerprint, hash, identityKey, roomId, roomName, sequence, timestamp, userName } from '../values.ts';
import type { EntryType } from './entry.ts';
import { keyChainFields } from './key-renewal.ts';
import { decodeLegacyPayload, isLegacy, legacyMessagePayload } from './legacy-payload.ts';
import {
  decodeMessagePayload,
  encodeMessagePayload,
  hasMessageLayout,
  isMessagePayload,
  type MessagePayload,
} from './message-payload.ts';
import { role } from './role.ts';

/** The author view: position and log hash up to which the author had read when signing. */
const head = z.strictObject({ seq: sequence, hash });

const authorFields = { author: userName, key: identityKey };
const commonFields = { v: z.literal(1), room: roomId, at: timestamp };

/** Schema of a room policy. */
export const policy = z.strictObject({
  /**
   * Who may join: every user (`open`), invited users (`invite`), invited users whom the inviter has verified (`verified`), or
   * the second user of a direct room (`direct`).
   */
  join: z.enum(['open', 'invite', 'verified', 'direct']),
  /** What a newcomer can read: messages from the invitation, else from the join on (`since-join`), or all messages. */
  history: z.enum(['since-join', 'all']),
});
/** A room policy. */
export type Policy = z.infer<typeof policy>;

/** The first entry of a log. Its author is the first member and the owner. */
const createPayload = z.strictObject({
  /**
   * With 2, all entries of the room need a signature with a low s. Rooms that were created with 1 have entries with either s,
   * which their members go on accepting, because newcomers judge the whole log.
   */
  v: z.union([z.literal(1), z.literal(2)]),
  type: z.literal('create'),
  name: roomName,
  ...authorFields,
  policy,
  /** 16 random bytes in hex, so that two rooms with the same name and author have different ids. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  at: timestamp,
});

const joinPayload = z.strictObject({
  ...commonFields,
  type: z.literal('join'),
  ...authorFields,
  /** The log's length as the server reported it. A join from before the user's last departure is a replay. */
  after: sequence,
});

/** Declines an invitation. The invitation has the key that verifies it. */
const declinePayload = z.strictObject({
  ...commonFields,
  type: z.literal('decline'),
  author: userName,
  /** The log's length as the server reported it. A decline from before the invitation is a replay. */
  after: sequence,
});

const leavePayload = z.strictObject({ ...commonFields, type: z.literal('leave'), author: userName, head });

/** The user whom a decision concerns. */
const targetFields = { user: userName, fingerprint };

/**
 * Gives a member another role. With `owner`, the author becomes a moderator. With `member` for a removed user, it is a
 * readmission.
 */
const rolePayload = z.strictObject({
  ...commonFields,
  type: z.literal('role'),
  author: userName,
  ...targetFields,
  role,
  head,
});

/** Removes a member, who cannot join again before a readmission; or withdraws an invitation. */
const removePayload = z.strictObject({
  ...commonFields,
  type: z.literal('remove'),
  author: userName,
  ...targetFields,
  head,
});

/**
 * Invites a user, who may join and receives the room's keys from this entry on, so that messages sent before the join can be
 * read after it.
 */
const invitePayload = z.strictObject({
  ...commonFields,
  type: z.literal('invite'),
  author: userName,
  ...targetFields,
  /** The identity key with that fingerprint, which verifies the invited user's `join`. */
  key: identityKey,
  /** The author states that both users have compared safety numbers. */
  verified: z.boolean(),
  head,
});

/**
 * Revokes an identity: its membership or invitation ends, and its key never joins again. The entry is signed with the CA key.
 * It needs no author view, because it only ends memberships.
 */
const revokePayload = z.strictObject({ ...commonFields, type: z.literal('revoke'), ...targetFields });

/**
 * Gives a member or an invited user the key to which the renewals lead. The new key signs the entry. It needs no author view: the
 * renewals lead from the key that the user has in the room, so no earlier entry has this effect again.
 */
const renewKeyPayload = z.strictObject({
  ...commonFields,
  type: z.literal('renew-key'),
  author: userName,
  ...keyChainFields,
});

/** Announces a new epoch. */
const epochPayload = z.strictObject({
  ...commonFields,
  /** With 2, the secret is wrapped over links. Clients of the versions before made epochs with 1, which stay in the logs. */
  v: z.union([z.literal(1), z.literal(2)]),
  type: z.literal('epoch'),
  author: userName,
  head,
  /** The epoch number: one more than that of the epoch before; the first is 1. */
  number: z.int().min(1),
  /** Entry hash of the epoch before; 64 zeros for the first epoch. */
  previous: hash,
  /**
   * `fresh`: a secret from new randomness, wrapped to all members and invited users. `step`: a secret that a one-way function
   * derives from the one before, wrapped to newcomers.
   */
  kind: z.enum(['fresh', 'step']),
  /**
   * `membership` if and only if the membership has changed since the epoch before, or there is none. Otherwise the author's
   * claim: the fresh key is too old (`count`, `age`), or the author did not have the secret (`lost-key`).
   */
  reason: z.enum(['membership', 'count', 'age', 'lost-key']),
  /** Position of the latest membership change. The epoch is made for the membership after that position. */
  answers: sequence,
  /** Commitment to the epoch secret, by which members detect a wrong secret in a wrap. */
  commitment: hash,
  /** With `v` 2, `WrapTree.commitment` over the wraps of all recipients. With 1, a digest of them that no member checks. */
  wraps: hash,
  /**
   * The secret of the epoch before, as a Fernet token under a key derived from this epoch's secret. It is present in rooms
   * with history `all` from the second epoch on, unless the author lacks the secret; in other rooms it MUST be absent.
   */
  past: z.string().max(400).optional(),
});

const payloads = {
  create: createPayload,
  join: joinPayload,
  decline: declinePayload,
  leave: leavePayload,
  invite: invitePayload,
  role: rolePayload,
  remove: removePayload,
  revoke: revokePayload,
  epoch: epochPayload,
  'renew-key': renewKeyPayload,
} satisfies Record<Exclude<EntryType, 'message'>, z.ZodType>;

/** The payload of an entry of type `T`. */
export type Payload<T extends EntryType> = T extends 'message'
  ? MessagePayload
  : T extends keyof typeof payloads
    ? z.infer<(typeof payloads)[T]>
    : never;

/** Encodes a payload: a message in its fixed layout, all others in deterministic CBOR. */
export function encodePayload(payload: object): Uint8Array {
  return isMessagePayload(payload) ? encodeMessagePayload(payload) : encodeCbor(payload);
}

/** Decodes the fields of a payload in any of its forms, without a check of them; null when it has none of these forms. */
export function decodePayload(bytes: Uint8Array): unknown {
  if (isLegacy(bytes)) return decodeLegacyPayload(bytes);
  if (hasMessageLayout(bytes)) return decodeMessagePayload(bytes);
  try {
    return decodeCbor(bytes);
  } catch {
    return null;
  }
}

/** Parses the payload of an entry; null when it is not one of this type. Callers verify the signature too. */
export function parsePayload<T extends EntryType>(type: T, bytes: Uint8Array): Payload<T> | null {
  return (type === 'message' ? parseMessage(bytes) : parseControl(type, bytes)) as Payload<T> | null;
}

function parseMessage(bytes: Uint8Array): MessagePayload | null {
  if (!isLegacy(bytes)) return decodeMessagePayload(bytes);
  const parsed = legacyMessagePayload.safeParse(decodeLegacyPayload(bytes));
  return parsed.success ? parsed.data : null;
}

function parseControl(type: Exclude<EntryType, 'message'>, bytes: Uint8Array): unknown {
  if (hasMessageLayout(bytes)) return null;
  const parsed = payloads[type].safeParse(decodePayload(bytes));
  return parsed.success ? parsed.data : null;
}
