/** Pushes: frames that a server sends without a request. */
import { z } from 'zod';
import { loggedEntry, loggedGap, loggedStubs } from '../entry/entry.ts';
import { signedHeartbeat } from '../entry/heartbeat.ts';
import { signedKnock } from '../entry/knock.ts';
import { wrapBytes } from '../entry/wrap-tree.ts';
import { wireError } from '../errors.ts';
import { limits } from '../limits.ts';
import {
  base64url,
  byteString,
  fingerprint,
  hash,
  roomId,
  roomName,
  sequence,
  timestamp,
  userName,
} from '../values.ts';

/** 32 random bytes that the signed statement of this connection contains. */
const nonce = base64url(64);

/** `authorityDigest` of what `get-authority` returns. Absent while the server has announced no second CA. */
const authority = hash.optional();

/** Schema of a push. */
export const push = z.discriminatedUnion('push', [
  /** The first frame of every connection on the chat port. */
  z.strictObject({
    push: z.literal('hello'),
    version: z.int(),
    service: z.literal('chat'),
    nonce,
    time: timestamp,
    authority,
  }),
  /** The first frame of every connection on the enrolment port. */
  z.strictObject({
    push: z.literal('welcome'),
    version: z.int(),
    service: z.literal('enrolment'),
    nonce,
    time: timestamp,
    policy: z.enum(['open', 'invite', 'closed']),
    /** The chat port on the same host. */
    chatPort: z.int().min(1).max(65535),
    authority,
  }),
  /** An entry of a log. */
  z.strictObject({ push: z.literal('entry'), room: roomId, ...loggedEntry.shape }),
  /** Stubs of messages that follow each other, which this user may not read. */
  z.strictObject({ push: z.literal('stubs'), room: roomId, ...loggedStubs.shape }),
  /** An entry that the server no longer has. */
  z.strictObject({ push: z.literal('gap'), room: roomId, ...loggedGap.shape }),
  /** The server has sent the log up to `head`. It sends later entries as they are appended. */
  z.strictObject({ push: z.literal('caught-up'), room: roomId, head: z.int().min(0) }),
  /** Members are named as connected from now on, or no more. */
  z.strictObject({
    push: z.literal('presence'),
    room: roomId,
    /** In the order in which they came about. */
    changes: z.array(z.strictObject({ user: userName, online: z.boolean() })).max(limits.presenceChanges),
    /** Number of members who follow the room. */
    connected: z.int().min(0),
  }),
  /** A member has invited this user. */
  z.strictObject({ push: z.literal('invited'), room: roomId, name: roomName, by: userName }),
  /** Members have given back entries that the server had lost. */
  z.strictObject({
    push: z.literal('restored'),
    room: roomId,
    /** Positions of the first and the last of these entries. */
    first: sequence,
    last: sequence,
    /** Time of the first of these entries, as the members gave it. */
    since: timestamp,
    /** The members whose clients gave entries back. */
    by: z.array(userName).min(1),
  }),
  /** The server's copies of the entries at these positions are damaged: a member who has kept them gives them back. */
  z.strictObject({
    push: z.literal('entries-wanted'),
    room: roomId,
    positions: z.array(sequence).min(1).max(limits.entriesPerRestore),
  }),
  /** A user requests to be invited. */
  z.strictObject({ push: z.literal('knock'), room: roomId, knock: signedKnock }),
  /** A member has dismissed a user's knock. */
  z.strictObject({ push: z.literal('dismissed'), room: roomId, user: userName, by: userName }),
  /** The operator has deleted the room. The subscription has ended. */
  z.strictObject({ push: z.literal('room-deleted'), room: roomId }),
  /** A heartbeat of a member who follows the room. */
  z.strictObject({ push: z.literal('heartbeat'), room: roomId, heartbeat: signedHeartbeat }),
  /** A member requests the secret of this epoch from this user. */
  z.strictObject({ push: z.literal('key-asked'), room: roomId, number: z.int().min(1), user: userName }),
  /** The key answer: a wrap over the link of the member with the fingerprint `from` to this user. */
  z.strictObject({
    push: z.literal('key-given'),
    room: roomId,
    number: z.int().min(1),
    from: fingerprint,
    wrap: byteString(wrapBytes, wrapBytes),
  }),
  /** This user's wrap of an epoch. It comes before the entry of the epoch. */
  z.strictObject({
    push: z.literal('wrap'),
    room: roomId,
    number: z.int().min(1),
    wrap: byteString(wrapBytes, wrapBytes),
  }),
  /** The requested member has answered that it lacks the key too. */
  z.strictObject({ push: z.literal('key-lacked'), room: roomId, number: z.int().min(1), user: userName }),
  /** Openings for this user wait; `get-links` returns them. The server sends no other one until the user has asked. */
  z.strictObject({ push: z.literal('links-waiting') }),
  /** The server closes this connection for this reason. */
  z.strictObject({ push: z.literal('bye'), error: wireError }),
]);
/** A push. */
export type Push = z.infer<typeof push>;
/** The kind of a push. */
export type PushKind = Push['push'];
