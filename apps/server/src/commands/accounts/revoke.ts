/** `chat-server revoke NAME`: asks the running server to revoke an account, or marks it in the store while none runs. */
import type { PermanentRevocationReason } from '@chat/mini-ca';
import { askServer } from '../../admin/admin-client.ts';
import type { AdminResult } from '../../admin/admin-operation.ts';
import { CommandError } from '../../command-error.ts';
import type { RequestFor } from '../../config/command-line.ts';
import { type DataDirectory, dataDirectory } from '../../data/data-directory.ts';
import { requireRecord } from '../../data/server-record.ts';
import { noAnswerText, withUnusedStore } from '../../data/unused-store.ts';
import type { RunContext } from '../../run-context.ts';
import { requireConfirmation } from '../confirm.ts';

/** `done` is null when no server runs: the next start does the rest. */
type Revocation = Pick<AdminResult<'revoke'>, 'users' | 'since'> & { readonly done: AdminResult<'revoke'> | null };

/**
 * Revokes an account, if the operator confirms, and prints what has ended with it.
 *
 * @throws CommandError `not-started`, `usage` and `not-confirmed` without a confirmation, `unknown-user`, `data-in-use`, `no-answer`; ProtocolError; StoreError
 */
export async function revoke(request: RequestFor<'revoke'>, { environment, print, ask }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const { user, reason, yes, json } = request;
  await requireConfirmation(`This ends the access of ${user} at once and permanently.`, { yes, ask });
  const done = await askServer(directory.adminSocket, 'revoke', { user, reason });
  const revocation = done === null ? await markRevoked(directory, user, reason) : { ...done, done };
  print(json ? asJson(revocation) : asText(revocation, user));
}

/** Marks the account and the other accounts of its identity key as revoked. */
function markRevoked(directory: DataDirectory, user: string, reason: PermanentRevocationReason): Promise<Revocation> {
  return withUnusedStore(directory, noAnswerText(directory), async (store) => {
    const accounts = await store.revokeAccount(user, { at: Date.now(), reason });
    if (accounts.length === 0) {
      throw new CommandError(
        'unknown-user',
        `There is no account with the name ${user}: "chat-server users" lists all accounts.`,
      );
    }
    const since = Math.min(...accounts.flatMap(({ revoked }) => revoked?.at ?? []));
    return { users: accounts.map((account) => account.user), since, done: null };
  });
}

function asText({ users, since, done }: Revocation, user: string): string {
  const others = users.filter((name) => name !== user);
  const lines = [`The access of ${user} is revoked since ${new Date(since).toISOString()}.`];
  if (others.length > 0) lines.push(`Revoked with it, because the identity key is the same: ${others.join(', ')}.`);
  if (done === null) {
    lines.push('No server is running. The next start removes the user from all rooms before it accepts connections.');
  } else {
    lines.push(
      `Ended now: connections ${done.sessions}, rooms ${done.rooms}, certificates ${done.certificates}.`,
      'Each of these rooms gets a new key as soon as one of its members is online.',
    );
  }
  return lines.join('\n');
}

const asJson = ({ users, since, done }: Revocation): string =>
  JSON.stringify({
    users,
    since: new Date(since).toISOString(),
    running: done !== null,
    ...(done && { connections: done.sessions, rooms: done.rooms, certificates: done.certificates }),
  });
