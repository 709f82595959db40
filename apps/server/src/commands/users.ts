/** `chat-server users`: who is registered, who is connected, and whose access was taken away. */
import { openSqliteStore } from '@chat/store-sqlite';
import { askServer } from '../admin/admin-client.ts';
import type { AdminRequest, AdminResult } from '../admin/admin-operation.ts';
import { usersPage } from '../admin/administration.ts';
import type { UsersCommand } from '../config/command-line.ts';
import { type DataDirectory, dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import type { Surroundings } from '../run-context.ts';

type User = AdminResult<'users'>['users'][number];
type Ask = (request: AdminRequest<'users'>) => Promise<AdminResult<'users'> | null>;

export async function users(command: UsersCommand, { environment, print }: Surroundings): Promise<void> {
  const directory = dataDirectory(command.data, environment);
  await requireRecord(directory);
  const running = await everyPage((request) => askServer(directory.adminSocket, 'users', request));
  const found = running ?? (await storedUsers(directory));
  print(command.json ? JSON.stringify(found.map(asJson)) : found.map(asText).join('\n') || 'Nobody is registered yet.');
}

async function storedUsers(directory: DataDirectory): Promise<readonly User[]> {
  const store = await openSqliteStore(directory.store, { create: false });
  try {
    return (await everyPage((request) => usersPage(store, request, () => 0))) ?? [];
  } finally {
    await store.close();
  }
}

/** Null as soon as a page is. */
async function everyPage(ask: Ask): Promise<readonly User[] | null> {
  const found: User[] = [];
  for (;;) {
    const after = found.at(-1)?.user;
    const page = await ask(after === undefined ? {} : { after });
    if (page === null) return null;
    found.push(...page.users);
    if (!page.more) return found;
  }
}

const iso = (time: number): string => new Date(time).toISOString();

const asJson = ({ enrolledAt, revoked, ...user }: User): object => ({
  ...user,
  enrolledAt: iso(enrolledAt),
  revoked: revoked && { at: iso(revoked.at), reason: revoked.reason },
});

function asText({ user, fingerprint, enrolledAt, revoked, connections }: User): string {
  const state = connections > 0 ? `connected ${connections}` : '';
  const status = revoked === null ? state : `revoked ${iso(revoked.at)} ${revoked.reason}`;
  return `${user.padEnd(32)}  ${fingerprint.slice(0, 16)}  ${iso(enrolledAt)}  ${status}`.trimEnd();
}
