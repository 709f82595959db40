/** The requests that commands on the same machine send to a running server: one request for each connection, one frame each way. */
import { userName } from '@chat/protocol';
import { z } from 'zod';
import { reloaded, reportedSetting } from '../configuration/configuration-report.ts';
import { logLevels } from '../log-level.ts';
import { revocationReason } from '../revocation-reason.ts';
import { statusReport } from '../status/status-report.ts';

const count = z.int().min(0);
const timestamp = z.int().min(0);

/** The most accounts in one answer. An account has about 200 bytes. */
export const accountsPerPage = 200;

/** Bounds of retention: null where there is none of that kind, or 0. */
const bounds = z.strictObject({
  ageMs: count.nullable(),
  messages: count.nullable(),
  bytes: count.nullable(),
});

/** What the end of an account's access has ended. */
const ended = z.strictObject({
  users: z.array(userName).min(1).readonly(),
  since: timestamp,
  sessions: count,
  certificates: count,
  rooms: count,
});

/** The schemas of the request and the result of each operation. */
export const adminOperations = {
  /** Revokes an account and the other accounts of its identity key. */
  revoke: {
    request: z.strictObject({ user: userName, reason: revocationReason }),
    result: ended,
  },
  /** Revokes an account, and frees its name for a user with the invitation. */
  reset: {
    request: z.strictObject({
      user: userName,
      reason: revocationReason,
      invitation: z.strictObject({
        tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
        expiresAt: timestamp,
        user: userName,
      }),
    }),
    result: ended,
  },
  /** Lists accounts by name, from the first one after `after`. */
  users: {
    request: z.strictObject({ after: userName.optional() }),
    result: z.strictObject({
      users: z
        .array(
          z.strictObject({
            user: userName,
            fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
            enrolledAt: timestamp,
            revoked: z.strictObject({ at: timestamp, reason: z.string() }).nullable(),
            /** The number of open connections. */
            connections: count,
          }),
        )
        .max(accountsPerPage),
      more: z.boolean(),
    }),
  },
  /** Changes the bounds of a room that are given, and deletes what is beyond them. Without any it only looks them up. */
  retention: {
    request: z.strictObject({
      /** Name or id. */
      room: z.string().min(1).max(64),
      change: bounds.partial(),
    }),
    result: z.strictObject({
      /** The room's own bounds; null: that of the server. */
      own: bounds,
      /** The server's bounds; null while no server runs. */
      defaults: bounds.nullable(),
      /** The messages that are kept now. */
      messages: count,
      bytes: count,
      /** The messages that were deleted now. */
      deleted: count,
    }),
  },
  /** Announces the next CA, withdraws it, or stops sending the certificates by which clients accept it with an earlier one. */
  authority: {
    request: z.strictObject({
      action: z.enum(['announce', 'status', 'cancel', 'end-old']),
      /** Time from the announcement to the switch. */
      inMs: count,
    }),
    result: z.strictObject({
      /** Of the present CA. */
      fingerprint: z.string(),
      endsAt: timestamp,
      next: z.strictObject({ fingerprint: z.string(), from: timestamp }).nullable(),
      /** The number of earlier CAs with which clients accept the server. */
      accepted: count,
    }),
  },
  /** Sets how much the server logs. Without a level it only looks it up. */
  'log-level': {
    request: z.strictObject({ level: z.enum(logLevels).optional() }),
    result: z.strictObject({ level: z.enum(logLevels) }),
  },
  /** Lists the settings in force. */
  config: { request: z.strictObject({}), result: z.strictObject({ settings: z.array(reportedSetting) }) },
  /** Reads the configuration again. */
  reload: { request: z.strictObject({}), result: reloaded },
  /** Reports how the server is. */
  status: { request: z.strictObject({}), result: statusReport },
  /** Deletes a room for good. */
  'delete-room': {
    request: z.strictObject({ room: z.string().regex(/^[0-9a-f]{64}$/) }),
    result: z.strictObject({ deleted: z.boolean() }),
  },
};

/** The name of an operation. */
export type AdminOperation = keyof typeof adminOperations;
/** The request of an operation. */
export type AdminRequest<O extends AdminOperation> = z.infer<(typeof adminOperations)[O]['request']>;
/** The result of an operation. */
export type AdminResult<O extends AdminOperation> = z.infer<(typeof adminOperations)[O]['result']>;

/** A request's frame: the operation's name and the fields of its request. */
export const adminRequest = z.looseObject({
  op: z.enum([
    'revoke',
    'reset',
    'users',
    'retention',
    'delete-room',
    'authority',
    'status',
    'log-level',
    'config',
    'reload',
  ]),
});

/** An answer's frame: either `ok` or `error`. */
export const adminResponse = z.strictObject({
  ok: z.looseObject({}).optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
