/** What a client stores of its messages with the rest of its state: the names and keys of the segments, and the messages that have none yet. */
import { z } from 'zod';
import type { PlacedMessage } from '../message.ts';
import type { SegmentName } from '../segment/segment-reader.ts';
import { type StaleMark, staleMarkSchema } from '../stale.ts';

const count = z.int().min(0);

/** Which messages of a room the client keeps: all, none, those that it has read in the last days, or the latest ones. */
export const retentionSchema = z.union([
  z.literal('all'),
  z.literal('nothing'),
  z.strictObject({ days: z.int().min(1).max(36_500) }),
  z.strictObject({ messages: z.int().min(1).max(10_000_000) }),
]);
/** Which messages of a room the client keeps. */
export type Retention = z.infer<typeof retentionSchema>;

const streamSchema = z.strictObject({
  /** The number under which the messages of the room are stored. Another one follows when the room is erased. */
  stream: count,
  /** The first position that is kept: earlier messages are to be erased. Absent for all. */
  from: count.optional(),
  /** Absent: as for all rooms. */
  keep: retentionSchema.optional(),
});

const messageSchema = z.strictObject({
  stream: count,
  seq: count,
  user: z.string(),
  fingerprint: z.string(),
  text: z.string(),
  at: z.number(),
  readAt: z.number(),
  hash: z.string().optional(),
  action: z.literal(true).optional(),
  replyTo: z.strictObject({ seq: count, hash: z.string() }).optional(),
  file: z
    .strictObject({
      blob: z.string(),
      key: z.string(),
      hash: z.string(),
      size: count,
      name: z.string(),
      type: z.string(),
    })
    .optional(),
  newer: z.strictObject({ number: count, body: z.string() }).optional(),
  edited: z.strictObject({ seq: count, at: z.number() }).optional(),
  deleted: z.strictObject({ seq: count, at: z.number(), by: z.string() }).optional(),
  reactions: z.array(z.strictObject({ user: z.string(), first: count, seq: count, text: z.string() })).optional(),
});

const segmentSchema = z.strictObject({
  file: z.string().regex(/^[0-9a-f]{32}$/),
  key: z.base64url(),
  count,
  bytes: count,
  blocks: count,
  directory: count,
  latest: z.number(),
  streams: z.array(count),
  oldest: z.number(),
});

/** The schema of `StoredMessages`. */
export const storedMessagesSchema = z.strictObject({
  keep: retentionSchema,
  /** The number of the next stream. */
  next: count,
  rooms: z.record(z.string(), streamSchema),
  segments: z.array(segmentSchema),
  /** The messages that are in no segment, in the order in which they were read. */
  tail: z.array(messageSchema),
  /** Which copies in the segments are stale. Absent: none. */
  stale: z.array(staleMarkSchema).optional(),
});

/** What is stored of one room. */
export interface StoredStream extends z.infer<typeof streamSchema> {}

/** What is stored beside the files. All of it is secret. */
export interface StoredMessages {
  readonly keep: Retention;
  readonly next: number;
  readonly rooms: Readonly<Record<string, StoredStream>>;
  /** The oldest first. */
  readonly segments: readonly SegmentName[];
  readonly tail: readonly PlacedMessage[];
  readonly stale?: readonly StaleMark[] | undefined;
}

/** The state of a store that has no messages. */
export const emptyMessages: StoredMessages = { keep: 'all', next: 1, rooms: {}, segments: [], tail: [] };
