/** The requests: for each operation the schema of what a client sends and of what the server answers. */
import { z } from 'zod';
import { signedEntry } from './entry.ts';
import { wireError } from './errors.ts';
import { limits } from './limits.ts';
import { base64url, clientId, fingerprint, pem, roomId, roomName, sequence, timestamp, userName } from './values.ts';
import { wrap } from './wrap.ts';

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
      identity: base64url(400),
      /** PKCS#10 for the TLS key; only its key is used. */
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
    /** With the length of its log, for the `after` of a `join` entry. */
    result: z.strictObject({ ...roomSummary.shape, head: sequence }),
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
