/** What entries say: one schema per type. Strict: a field that this version does not know is refused. */
import { z } from 'zod';
import type { EntryType } from './entry.ts';
import { role } from './role.ts';
import { base64url, fingerprint, hash, roomId, roomName, sequence, timestamp, userName } from './values.ts';

/** SubjectPublicKeyInfo of a P-384 key in base64url (120 bytes). */
const identityKey = base64url(400);
/** An ECDH public key to which room keys are wrapped (97 bytes for P-384). */
const prekey = base64url(200);
/** The log as the author saw it when signing. */
const head = z.strictObject({ seq: sequence, hash });

const person = { author: userName, key: identityKey, prekey };
const placed = { v: z.literal(1), room: roomId, at: timestamp };

const policy = z.strictObject({
  /** Who may join. */
  join: z.literal('open'),
  /** What a newcomer can read. */
  history: z.literal('since-join'),
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
});

/** The token's plaintext is `messageContent`; everything that binds it to its place is inside. */
const messagePayload = z.strictObject({
  v: z.literal(1),
  type: z.literal('message'),
  room: roomId,
  epoch: z.int().min(1),
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
  head,
  at: timestamp,
  body: z.strictObject({ kind: z.literal('text'), text: z.string().min(1) }),
});

const payloads = {
  create: createPayload,
  join: joinPayload,
  leave: leavePayload,
  role: rolePayload,
  remove: removePayload,
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
