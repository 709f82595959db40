/** The requests: for each operation the schema of what a client sends and of what the server answers. */
import { z } from 'zod';
import { signedEntry } from '../entry/entry.ts';
import { signedKnock } from '../entry/knock.ts';
import { policy } from '../entry/payload.ts';
import { ownPrekey, signedPrekey } from '../entry/prekey.ts';
import { wrap } from '../entry/wrap.ts';
import { wireError } from '../errors.ts';
import { limits } from '../limits.ts';
import {
  base64url,
  clientId,
  fingerprint,
  identityKey,
  pem,
  roomId,
  roomName,
  sequence,
  timestamp,
  userName,
} from '../values.ts';

const version = z.int();
const empty = z.strictObject({});
const signature = base64url(160);
/** Where an entry ended up, and when by the server's clock. */
const place = z.strictObject({ seq: sequence, at: timestamp });
const certificate = z.strictObject({ certificate: pem });

const roomSummary = z.strictObject({
  room: roomId,
  name: roomName,
  members: z.int(),
  /** Whether the one who asks is a member. */
  joined: z.boolean(),
  policy,
  createdAt: timestamp,
});
export type RoomSummary = z.infer<typeof roomSummary>;

/** On the enrolment port. */
const enrolmentOperations = {
  /** Binds a user name to an identity key and answers with the first certificate. Signed: `enrolStatement`. */
  enrol: {
    request: z.strictObject({
      version,
      user: userName,
      /** SubjectPublicKeyInfo of the identity key. */
      identity: identityKey,
      /** PKCS#10 for the TLS key, which alone is used; it MUST ask for no other name than the user's. */
      request: pem,
      invitation: base64url(100).optional(),
      signature,
    }),
    result: certificate,
  },
  /** A new certificate for a name that exists, also after the old one expired. Signed: `renewStatement`. */
  renew: { request: z.strictObject({ version, user: userName, request: pem, signature }), result: certificate },
};

/** On the chat port. */
const chatOperations = {
  /** Answers the challenge of `hello`. Signed: `loginStatement`. */
  login: {
    request: z.strictObject({ version, user: userName, signature }),
    result: z.strictObject({ user: userName, fingerprint, certificateExpiresAt: timestamp }),
  },
  'list-rooms': {
    request: z.strictObject({ after: roomName.optional() }),
    result: z.strictObject({ rooms: z.array(roomSummary).max(limits.roomsPerPage), more: z.boolean() }),
  },
  'find-room': {
    request: z.strictObject({ name: roomName }),
    result: z.strictObject({
      ...roomSummary.shape,
      /** The length of its log, for the `after` of a `join` entry. */
      head: sequence,
      /** Position of the `invite` entry that waits for the asker's `join`. */
      invitedAt: sequence.nullable(),
    }),
  },
  /** Hands over the asker's new prekey, to be given to whoever asks. Refused unless it is later than the one before. */
  'put-prekey': { request: ownPrekey, result: empty },
  /** The latest prekeys of these people; who has none is left out. */
  'get-prekeys': {
    request: z.strictObject({ users: z.array(userName).min(1).max(limits.prekeysPerRequest) }),
    result: z.strictObject({ prekeys: z.array(signedPrekey).max(limits.prekeysPerRequest) }),
  },
  /** The rooms that wait for the asker to join, by name, from the first after `after`. */
  'list-invitations': {
    request: z.strictObject({ after: roomName.optional() }),
    result: z.strictObject({
      invitations: z
        .array(z.strictObject({ room: roomId, name: roomName, by: userName, policy }))
        .max(limits.roomsPerPage),
      more: z.boolean(),
    }),
  },
  /** Asks a room's members to be let in; a second knock takes the place of the first. */
  knock: { request: z.strictObject({ room: roomId, knock: signedKnock }), result: empty },
  /** Who waits to be let in. */
  'list-knocks': {
    request: z.strictObject({ room: roomId }),
    result: z.strictObject({ knocks: z.array(signedKnock).max(limits.knocksPerRoom) }),
  },
  /** The first entry of a new room; the room's id is the hash of its payload. */
  'create-room': { request: z.strictObject({ cid: clientId, entry: signedEntry }), result: place },
  append: { request: z.strictObject({ room: roomId, cid: clientId, entry: signedEntry }), result: place },
  /** Hands over wraps for an epoch entry that this session appends next; several requests add up. */
  'put-wraps': {
    request: z.strictObject({
      room: roomId,
      number: z.int().min(1),
      wraps: z.array(wrap).min(1).max(limits.wrapsPerRequest),
    }),
    result: empty,
  },
  /** The asker's own wrap of an epoch. */
  'get-wrap': {
    request: z.strictObject({ room: roomId, number: z.int().min(1) }),
    result: z.strictObject({ envelope: base64url(600) }),
  },
  /** Asks a member who is online for the secret of the latest epoch. */
  'ask-key': { request: z.strictObject({ room: roomId, number: z.int().min(1), user: userName }), result: empty },
  /** Answers somebody who asked, with a wrap of their own. */
  'give-key': {
    request: z.strictObject({ room: roomId, number: z.int().min(1), wrap }),
    result: empty,
  },
  /** The log after a position as `entry` and `stub` pushes, then `caught-up`, then live. */
  subscribe: {
    request: z.strictObject({ room: roomId, after: z.int().min(0) }),
    result: z.strictObject({
      head: z.int().min(0),
      /** Members who are connected now, the longest present first. */
      online: z.array(userName),
    }),
  },
  unsubscribe: { request: z.strictObject({ room: roomId }), result: empty },
  ping: { request: empty, result: empty },
};

export const operations = { ...enrolmentOperations, ...chatOperations };
export type Operation = keyof typeof operations;
export type EnrolmentOperation = keyof typeof enrolmentOperations;
export type ChatOperation = keyof typeof chatOperations;
export type RequestOf<O extends Operation> = z.infer<(typeof operations)[O]['request']>;
export type ResultOf<O extends Operation> = z.infer<(typeof operations)[O]['result']>;

/** A request is its operation's fields and these two. Ids are the client's, unique among those it has open. */
export const requestHead = z.looseObject({ id: z.int().min(0), op: z.string().max(64) });

/** What a request is answered with: `ok` is the operation's result. */
export const response = z.union([
  z.strictObject({ re: z.int().min(0), ok: z.looseObject({}) }),
  z.strictObject({ re: z.int().min(0), error: wireError }),
]);
export type Response = z.infer<typeof response>;
