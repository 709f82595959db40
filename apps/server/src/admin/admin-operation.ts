/** The requests that commands on the same machine send to a running server: one request for each connection, one frame each way. */
import { userName } from '@chat/protocol';
import { z } from 'zod';
import { revocationReason } from '../revocation-reason.ts';

const count = z.int().min(0);
const timestamp = z.int().min(0);

/** The most accounts in one answer. An account has about 200 bytes. */
export const accountsPerPage = 200;

/** The schemas of the request and the result of each operation. */
export const adminOperations = {
  /** Revokes an account and the other accounts of its identity key. */
  revoke: {
    request: z.strictObject({ user: userName, reason: revocationReason }),
    result: z.strictObject({
      users: z.array(userName).min(1).readonly(),
      since: timestamp,
      sessions: count,
      certificates: count,
      rooms: count,
    }),
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
};

/** The name of an operation. */
export type AdminOperation = keyof typeof adminOperations;
/** The request of an operation. */
export type AdminRequest<O extends AdminOperation> = z.infer<(typeof adminOperations)[O]['request']>;
/** The result of an operation. */
export type AdminResult<O extends AdminOperation> = z.infer<(typeof adminOperations)[O]['result']>;

/** A request's frame: the operation's name and the fields of its request. */
export const adminRequest = z.looseObject({ op: z.enum(['revoke', 'users']) });

/** An answer's frame: either `ok` or `error`. */
export const adminResponse = z.strictObject({
  ok: z.looseObject({}).optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
