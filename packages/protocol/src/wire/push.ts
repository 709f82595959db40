/** What a server sends without having been asked. */
import { z } from 'zod';
import { loggedEntry, loggedStub } from '../entry/entry.ts';
import { signedKnock } from '../entry/knock.ts';
import { wireError } from '../errors.ts';
import { base64url, roomId, roomName, timestamp, userName } from '../values.ts';

/** 32 random bytes that this connection's signed statement must contain. */
const nonce = base64url(64);

export const push = z.discriminatedUnion('push', [
  /** The first frame of every connection. */
  z.strictObject({
    push: z.literal('hello'),
    version: z.int(),
    service: z.literal('chat'),
    nonce,
    time: timestamp,
  }),
  z.strictObject({
    push: z.literal('welcome'),
    version: z.int(),
    service: z.literal('enrolment'),
    nonce,
    time: timestamp,
    policy: z.enum(['open', 'invite', 'closed']),
    /** Where the chat listens, on the same host. */
    chatPort: z.int().min(1).max(65535),
  }),
  z.strictObject({ push: z.literal('entry'), room: roomId, ...loggedEntry.shape }),
  z.strictObject({ push: z.literal('stub'), room: roomId, ...loggedStub.shape }),
  /** The log was sent up to here; what follows is live. */
  z.strictObject({ push: z.literal('caught-up'), room: roomId, head: z.int().min(0) }),
  /** A member's first connection came, or their last one went. */
  z.strictObject({ push: z.literal('presence'), room: roomId, user: userName, online: z.boolean() }),
  /** A member has invited this user. */
  z.strictObject({ push: z.literal('invited'), room: roomId, name: roomName, by: userName }),
  /** Somebody asks the room's members to be let in. */
  z.strictObject({ push: z.literal('knock'), room: roomId, knock: signedKnock }),
  /** A member lacks the secret of this epoch and asks this one for it. */
  z.strictObject({ push: z.literal('key-asked'), room: roomId, number: z.int().min(1), user: userName }),
  /** The member who was asked has answered: `get-wrap` has it. */
  z.strictObject({ push: z.literal('key-given'), room: roomId, number: z.int().min(1) }),
  /** The server closes this connection, and why. */
  z.strictObject({ push: z.literal('bye'), error: wireError }),
]);
export type Push = z.infer<typeof push>;
export type PushKind = Push['push'];
