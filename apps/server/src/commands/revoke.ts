/** `chat-server revoke NAME`: takes a person's access away, by the server that runs, or in its data while none does. */
import type { LastingReason } from '@chat/mini-ca';
import { openSqliteStore } from '@chat/store-sqlite';
import { askServer } from '../admin/admin-client.ts';
import type { AdminResult } from '../admin/admin-operation.ts';
import { Complaint } from '../command-error.ts';
import type { RevokeCommand } from '../config/command-line.ts';
import { claimDirectory, type DataDirectory, dataDirectory, unlockDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import type { Surroundings } from '../run-context.ts';

/** Without a server the rest is done when one starts. */
type Revoked = Pick<AdminResult<'revoke'>, 'users' | 'since'> & { readonly done: AdminResult<'revoke'> | null };

export async function revoke(command: RevokeCommand, { environment, print }: Surroundings): Promise<void> {
  const directory = dataDirectory(command.data, environment);
  await requireRecord(directory);
  const { user, reason = 'unspecified', json } = command;
  const done = await askServer(directory.adminSocket, 'revoke', { user, reason });
  const revoked = done === null ? await markRevoked(directory, user, reason) : { ...done, done };
  print(json ? asJson(revoked) : asText(revoked, user));
}

/** Marks the account; nobody of that key gets in from the next start on, which does the rest. */
async function markRevoked(directory: DataDirectory, user: string, reason: LastingReason): Promise<Revoked> {
  const lock = await claimDirectory(directory);
  if (lock === null) {
    throw new Complaint(`A server uses ${directory.path} and does not answer yet, or no more: try again in a moment.`);
  }
  try {
    const store = await openSqliteStore(directory.store, { create: false });
    try {
      const accounts = await store.revokeAccount(user, { at: Date.now(), reason });
      if (accounts.length === 0) throw new Complaint(`Nobody is registered here as ${user}.`);
      const since = Math.min(...accounts.flatMap(({ revoked }) => revoked?.at ?? []));
      return { users: accounts.map((account) => account.user), since, done: null };
    } finally {
      await store.close();
    }
  } finally {
    await unlockDirectory(directory, lock);
  }
}

function asText({ users, since, done }: Revoked, user: string): string {
  const others = users.filter((name) => name !== user);
  const lines = [`${user} has no access any more, since ${new Date(since).toISOString()}.`];
  if (others.length > 0) lines.push(`The same key is registered as ${others.join(', ')}: that has none either.`);
  if (done === null) {
    lines.push('No server runs here now: the next start takes them out of their rooms before it lets anybody in.');
  } else {
    lines.push(
      `Ended now: connections ${done.sessions}, rooms ${done.rooms}, certificates ${done.certificates}.`,
      'Each of these rooms gets a new key as soon as one of its members is online.',
    );
  }
  return lines.join('\n');
}

const asJson = ({ users, since, done }: Revoked): string =>
  JSON.stringify({
    users,
    since: new Date(since).toISOString(),
    running: done !== null,
    ...(done && { connections: done.sessions, rooms: done.rooms, certificates: done.certificates }),
  });
