/** What is asked of a running server by the commands on its machine: one request to a connection, one frame each way. */
import { userName } from '@chat/protocol';
import { z } from 'zod';
import { revocationReason } from '../commands/revocation-reason.ts';

const count = z.int().min(0);
const timestamp = z.int().min(0);

/** Accounts in one answer: some 200 bytes each. */
export const accountsPerPage = 200;

export const adminOperations = {
  /** Takes a person's access away, everywhere and for good. */
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
  /** Accounts by name, from the first after `after`. */
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
            /** Connections that are open now. */
            connections: count,
          }),
        )
        .max(accountsPerPage),
      more: z.boolean(),
    }),
  },
};

export type AdminOperation = keyof typeof adminOperations;
export type AdminRequest<O extends AdminOperation> = z.infer<(typeof adminOperations)[O]['request']>;
export type AdminResult<O extends AdminOperation> = z.infer<(typeof adminOperations)[O]['result']>;

/** A request's frame is its fields and the operation's name. */
export const adminRequest = z.looseObject({ op: z.enum(['revoke', 'users']) });

/** One or the other. */
export const adminResponse = z.strictObject({
  ok: z.looseObject({}).optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
