/** The operations: for each one the schema of the request and the schema of the result. */
import { z } from 'zod';
import { signedEntry } from '../entry/entry.ts';
import { signedHeartbeat } from '../entry/heartbeat.ts';
import { keyChainFields, keyRenewal } from '../entry/key-renewal.ts';
import { signedKnock } from '../entry/knock.ts';
import { policy } from '../entry/payload.ts';
import { ownPrekey, signedPrekey } from '../entry/prekey.ts';
import { wireError } from '../errors.ts';
import { limits } from '../limits.ts';
import {
  base64url,
  clientId,
  fingerprint,
  hash,
  identityKey,
  pem,
  roomId,
  roomName,
  sequence,
  timestamp,
  userName,
} from '../values.ts';
import { succession, withdrawal } from './authority.ts';
import { blobOperations } from './blob-operation.ts';
import { keyOperations } from './key-operation.ts';
import { openRecovery, recoveryOperations } from './recovery-operation.ts';

const version = z.int();
const empty = z.strictObject({});
const signature = base64url(160);
/** Position and time by the server's clock of an entry that the server has stored. */
const stored = z.strictObject({ seq: sequence, at: timestamp });
const certificate = z.strictObject({ certificate: pem });
/** A position of a log, 0 before the first entry, and the log hash there. */
const logPlace = z.strictObject({ seq: z.int().min(0), hash });

const roomSummary = z.strictObject({
  room: roomId,
  name: roomName,
  members: z.int(),
  /** True when the requesting user is a member. */
  joined: z.boolean(),
  policy,
  createdAt: timestamp,
});
/** A room as the server lists it. */
export type RoomSummary = z.infer<typeof roomSummary>;

/** A run is the time from the start of a client to its end. */
const profileRun = z.strictObject({
  /** Made at random at each start. */
  id: clientId,
  /** The ids of the earlier runs of this profile, the latest first. */
  earlier: z.array(clientId).max(limits.earlierRuns),
  /** Ends the runs of other copies of the profile. */
  replaceOthers: z.boolean(),
});
/** A run of a client, as its login names it. */
export type ProfileRun = z.infer<typeof profileRun>;

/** Operations on both ports. They need no login. */
const commonOperations = {
  /** Returns the server's CAs, from which a client learns that its CA is followed by another one. */
  'get-authority': {
    request: empty,
    result: z.strictObject({
      /** The certificate of the first CA. Its fingerprint is the server id. */
      first: pem,
      /** In the order of their numbers; the withdrawn ones too. */
      successions: z.array(succession).max(limits.successions),
      withdrawals: z.array(withdrawal).max(limits.successions),
    }),
  },
};

/** Operations on the enrolment port. */
const enrolmentOperations = {
  ...commonOperations,
  /** Binds a user name to an identity key and returns the first certificate. The signature covers `enrolStatement`. */
  enrol: {
    request: z.strictObject({
      version,
      user: userName,
      /** SubjectPublicKeyInfo of the identity key. */
      identity: identityKey,
      /** PKCS#10 request. The server takes only the TLS key from it. It MUST name no subject but the user's. */
      request: pem,
      invitation: base64url(100).optional(),
      signature,
    }),
    result: certificate,
  },
  /** Returns a new certificate, also after the last one has expired. The signature covers `renewStatement`. */
  renew: { request: z.strictObject({ version, user: userName, request: pem, signature }), result: certificate },
  /**
   * Binds the user name to the last key of a chain of renewals that leads on from the registered key, and returns a certificate for
   * it; also when the last key is registered already. That key signs `renewStatement`.
   */
  'renew-key': {
    request: z.strictObject({ version, user: userName, ...keyChainFields, request: pem, signature }),
    result: certificate,
  },
  'open-recovery': openRecovery,
};

/** Operations on the chat port. */
const chatOperations = {
  ...commonOperations,
  /** Answers the challenge of `hello`. The signature covers `loginStatement`. */
  login: {
    request: z.strictObject({
      version,
      user: userName,
      signature,
      /** The run of the client, by which a second copy of its profile is found. Absent for a client that keeps no state. */
      run: profileRun.optional(),
    }),
    result: z.strictObject({ user: userName, fingerprint, certificateExpiresAt: timestamp }),
  },
  /** Returns the open rooms in the order of their names, from the first one after `after`. */
  'list-rooms': {
    request: z.strictObject({ after: roomName.optional() }),
    result: z.strictObject({ rooms: z.array(roomSummary).max(limits.roomsPerPage), more: z.boolean() }),
  },
  /**
   * Returns the room with this name. A user who may neither join nor read the room gets only what a knock needs: the fields that are
   * not optional. For such a user a direct room does not exist.
   */
  'find-room': {
    request: z.strictObject({ name: roomName }),
    result: z.strictObject({
      ...roomSummary.shape,
      members: roomSummary.shape.members.optional(),
      createdAt: roomSummary.shape.createdAt.optional(),
      /** Length of the log, for the `after` field of a `join` entry. */
      head: sequence.optional(),
      /** Position of the requesting user's invitation; null when there is none. */
      invitedAt: sequence.nullable(),
      /** True if the user had an invitation that has ended by its age. Absent otherwise. */
      invitationExpired: z.literal(true).optional(),
    }),
  },
  /** Stores the user's new prekey. The server refuses one that is not later than the one before. */
  'put-prekey': { request: ownPrekey, result: empty },
  /**
   * Returns the latest prekeys of these users, except users who have none or have been revoked. With `room`, only of its members and
   * invited users. Without it, the look-ups of other users are bounded.
   */
  'get-prekeys': {
    request: z.strictObject({
      users: z.array(userName).min(1).max(limits.prekeysPerRequest),
      room: roomId.optional(),
    }),
    result: z.strictObject({ prekeys: z.array(signedPrekey).max(limits.prekeysPerRequest) }),
  },
  /** Returns the latest renewals of a user's key in their order; `first` is the key before them, null when there are none. */
  'get-key-renewals': {
    request: z.strictObject({ user: userName }),
    result: z.strictObject({
      first: identityKey.nullable(),
      renewals: z.array(keyRenewal).max(limits.keyRenewalsPerAnswer),
    }),
  },
  /**
   * Returns the rooms to which the user is invited in the order of their names, from the first one after `after`. `at` is when the
   * server appended the `invite`.
   */
  'list-invitations': {
    request: z.strictObject({ after: roomName.optional() }),
    result: z.strictObject({
      invitations: z
        .array(z.strictObject({ room: roomId, name: roomName, by: userName, policy, at: timestamp }))
        .max(limits.roomsPerPage),
      more: z.boolean(),
    }),
  },
  /** Asks a room's members for an invitation. A second knock replaces the first. */
  knock: { request: z.strictObject({ room: roomId, knock: signedKnock }), result: empty },
  /** Returns the knocks at a room. */
  'list-knocks': {
    request: z.strictObject({ room: roomId }),
    result: z.strictObject({ knocks: z.array(signedKnock).max(limits.knocksPerRoom) }),
  },
  /** Ends a user's knock at a room. Another knock of the same user does not reach the members for `limits.dismissalAge`. */
  'dismiss-knock': { request: z.strictObject({ room: roomId, user: userName }), result: empty },
  /** Returns the rooms at which the user's knocks wait, the latest first. A dismissed one waits until the user may knock again. */
  'list-own-knocks': {
    request: empty,
    result: z.strictObject({ rooms: z.array(roomId).max(limits.knocksPerUser) }),
  },
  /** Sends a heartbeat to the members who follow the room. */
  heartbeat: { request: z.strictObject({ room: roomId, heartbeat: signedHeartbeat }), result: empty },
  /** Creates a room by its first entry, whose payload's hash is the room id. */
  'create-room': { request: z.strictObject({ cid: clientId, entry: signedEntry }), result: stored },
  /** Appends an entry to a log. */
  append: { request: z.strictObject({ room: roomId, cid: clientId, entry: signedEntry }), result: stored },
  ...keyOperations,
  ...blobOperations,
  ...recoveryOperations,
  /** Sends a key request for the latest epoch to an online member. */
  'ask-key': { request: z.strictObject({ room: roomId, number: z.int().min(1), user: userName }), result: empty },
  /** Answers the key request of a member: this user lacks the key too. */
  'lack-key': { request: z.strictObject({ room: roomId, number: z.int().min(1), user: userName }), result: empty },
  /** Sends the log after a position as `entry` and `stubs` pushes, then `caught-up`, then new entries as they are appended. */
  subscribe: {
    request: z.strictObject({ room: roomId, after: z.int().min(0) }),
    result: z.strictObject({
      head: z.int().min(0),
      /** The members who have followed the room the longest, in this order. */
      online: z.array(userName).max(limits.presenceNames),
      /** Number of members who follow the room. */
      connected: z.int().min(0),
      /**
       * Log hash at `after`, or at `head` if the server's log ends before `after`; null when that is `limits.viewEntries` or more
       * before the head.
       */
      hash: hash.nullable(),
    }),
  },
  /**
   * Gives entries back that the server has lost, unchanged: those that follow `after`, which MUST be the end of the server's log.
   * If it is not, the server appends nothing. The result is the end of the server's log then.
   */
  'restore-entries': {
    request: z.strictObject({
      room: roomId,
      /** Position and log hash before the first of the entries. */
      after: logPlace,
      entries: z.array(z.strictObject({ at: timestamp, entry: signedEntry })).max(limits.entriesPerRestore),
      /** True in the last request: the server then informs the members who follow the room. */
      done: z.boolean(),
    }),
    result: z.strictObject({ head: z.int().min(0), hash }),
  },
  /** Ends a subscription. */
  unsubscribe: { request: z.strictObject({ room: roomId }), result: empty },
  /** Does nothing. Clients send it so that the connection is not idle. */
  ping: { request: empty, result: empty },
};

/** All operations. */
export const operations = { ...enrolmentOperations, ...chatOperations };
/** The name of an operation. */
export type Operation = keyof typeof operations;
/** The name of an operation on the enrolment port. */
export type EnrolmentOperation = keyof typeof enrolmentOperations;
/** The name of an operation on the chat port. */
export type ChatOperation = keyof typeof chatOperations;
/** The fields of a request. */
export type RequestOf<O extends Operation> = z.infer<(typeof operations)[O]['request']>;
/** The fields of a result. */
export type ResultOf<O extends Operation> = z.infer<(typeof operations)[O]['result']>;

/** Schema of the fields that every request has. The client chooses `id`, unique among its unanswered requests. */
export const requestHead = z.looseObject({
  id: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  op: z.string().max(64),
});

/** Schema of an answer; `ok` is the operation's result. */
export const response = z.union([
  z.strictObject({ re: z.int().min(0), ok: z.looseObject({}) }),
  z.strictObject({ re: z.int().min(0), error: wireError }),
]);
/** An answer. */
export type Response = z.infer<typeof response>;
