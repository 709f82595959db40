/** What entries say: one schema per type. Strict: a field that this version does not know is refused. */
import { z } from 'zod';
import { fingerprint, hash, identityKey, roomId, roomName, sequence, timestamp, userName } from '../values.ts';
import type { EntryType } from './entry.ts';
import { role } from './role.ts';

/** The log as the author saw it when signing: what they say is for those who saw the same. */
const head = z.strictObject({ seq: sequence, hash });

const person = { author: userName, key: identityKey };
const placed = { v: z.literal(1), room: roomId, at: timestamp };

export const policy = z.strictObject({
  /**
   * Who may join: everybody (`open`); who was invited by a member (`invite`), whose inviter says that they compared safety
   * numbers (`verified`), or who is the one that a conversation of two was opened with (`direct`).
   */
  join: z.enum(['open', 'invite', 'verified', 'direct']),
  /** What a newcomer can read: what is said from their invitation, else their join, on; or all of it. */
  history: z.enum(['since-join', 'all']),
});
export type Policy = z.infer<typeof policy>;

/** The first entry; its author is the first member. */
const createPayload = z.strictObject({
  v: z.literal(1),
  type: z.literal('create'),
  name: roomName,
  ...person,
  policy,
  /** 16 random bytes in hex: two rooms of one name and author still differ. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  at: timestamp,
});

const joinPayload = z.strictObject({
  ...placed,
  type: z.literal('join'),
  ...person,
  /** The log's length when signing, by the server's word: a join from before this person last left is a replay. */
  after: sequence,
});

const leavePayload = z.strictObject({ ...placed, type: z.literal('leave'), author: userName, head });

/** Whom an entry concerns besides its author. */
const concerned = { user: userName, fingerprint };

/**
 * A member gets another role; `owner` hands the room over, and its author is a moderator then. With `member`, for
 * somebody who was removed: they may join again.
 */
const rolePayload = z.strictObject({ ...placed, type: z.literal('role'), author: userName, ...concerned, role, head });

/** A member is taken out, and may not join again until they are readmitted. */
const removePayload = z.strictObject({ ...placed, type: z.literal('remove'), author: userName, ...concerned, head });

/**
 * Somebody may join, and is given the room's keys from here on whether they have joined or not: what is said to them while
 * they are away, they read when they come.
 */
const invitePayload = z.strictObject({
  ...placed,
  type: z.literal('invite'),
  author: userName,
  ...concerned,
  /** The key of that fingerprint: what the invited person's `join` is verified with. */
  key: identityKey,
  /** The author's word that they have compared safety numbers with this person. */
  verified: z.boolean(),
  head,
});

/**
 * The server's authority has taken this identity away from its user, for good: they are out of the room, and that key never
 * joins again. Signed with the CA's key. It can take somebody out and let nobody in, so it needs no `head`.
 */
const revokePayload = z.strictObject({ ...placed, type: z.literal('revoke'), ...concerned });

/** A new room key. */
const epochPayload = z.strictObject({
  ...placed,
  type: z.literal('epoch'),
  author: userName,
  head,
  /** One more than the epoch before; the first is 1. */
  number: z.int().min(1),
  /** Entry hash of the epoch before; 64 zeros for the first. */
  previous: hash,
  /** `fresh`: a new random key, wrapped to everyone. `step`: derived one way from the key before, wrapped to newcomers. */
  kind: z.enum(['fresh', 'step']),
  /**
   * What the new key answers: `membership` if and only if that has changed since the epoch before, or there is none; else
   * the author's word: the key had been used for long enough (`count`, `age`), or had not reached them (`lost-key`).
   */
  reason: z.enum(['membership', 'count', 'age', 'lost-key']),
  /** Position of the latest membership change: the key is for the members as they are after it. */
  answers: sequence,
  /** Commits to the key: a member who unwraps something else notices. */
  commitment: hash,
  /** `wrapsDigest` of all wraps of this epoch. */
  wraps: hash,
  /**
   * The secret of the epoch before, as a Fernet token under a key from this one's: in rooms whose history is for all, from
   * the second epoch on, unless the author lacks it. Elsewhere there MUST be none.
   */
  past: z.string().max(400).optional(),
});

/** The token's plaintext is `messageContent`; everything that binds it to its place is inside. */
const messagePayload = z.strictObject({
  v: z.literal(1),
  type: z.literal('message'),
  room: roomId,
  epoch: z.int().min(1),
  head,
  /** A Fernet token under the epoch's message key. */
  token: z.string().max(60 * 1024),
});

/** The plaintext of a message, padded with spaces to a bucket before it is encrypted. */
export const messageContent = z.strictObject({
  v: z.literal(1),
  room: roomId,
  epoch: z.int().min(1),
  author: fingerprint,
  /** The author's messages in this room since they joined, from 1. */
  counter: z.int().min(1),
  /** Entry hash of the author's message before; of their `create` or `join` entry for the first. */
  previous: hash,
  at: timestamp,
  body: z.strictObject({ kind: z.literal('text'), text: z.string().min(1) }),
});

const payloads = {
  create: createPayload,
  join: joinPayload,
  leave: leavePayload,
  invite: invitePayload,
  role: rolePayload,
  remove: removePayload,
  revoke: revokePayload,
  epoch: epochPayload,
  message: messagePayload,
} satisfies Record<EntryType, z.ZodType>;

export type Payload<T extends EntryType> = z.infer<(typeof payloads)[T]>;
export type MessageContent = z.infer<typeof messageContent>;

/** Parses the payload of an entry of this type; null when it is not one. Call it after the signature was verified. */
export function parsePayload<T extends EntryType>(type: T, text: string): Payload<T> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = payloads[type].safeParse(json);
  return parsed.success ? (parsed.data as Payload<T>) : null;
}
