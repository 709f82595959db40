/** `chat-server users`: lists the accounts with their connections and revocations. */
import { openSqliteStore } from '@chat/store-sqlite';
import { askServer } from '../../admin/admin-client.ts';
import type { AdminRequest, AdminResult } from '../../admin/admin-operation.ts';
import { usersPage } from '../../admin/administration.ts';
import type { RequestFor } from '../../config/command-line.ts';
import { type DataDirectory, dataDirectory } from '../../data/data-directory.ts';
import { requireRecord } from '../../data/server-record.ts';
import type { RunContext } from '../../run-context.ts';

type Account = AdminResult<'users'>['users'][number];
type FetchPage = (request: AdminRequest<'users'>) => Promise<AdminResult<'users'> | null>;

/**
 * Prints all accounts of the server.
 *
 * @throws CommandError `not-started`, `no-answer`; ProtocolError; StoreError
 */
export async function users(request: RequestFor<'users'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const fromServer = await allPages((page) => askServer(directory.adminSocket, 'users', page));
  const accounts = fromServer ?? (await storedAccounts(directory));
  if (request.json) for (const account of accounts) print(JSON.stringify(asJson(account)));
  else print(accounts.map(asText).join('\n') || 'There are no accounts yet.');
}

async function storedAccounts(directory: DataDirectory): Promise<readonly Account[]> {
  const store = await openSqliteStore(directory.store, { create: false });
  try {
    return (await allPages((request) => usersPage(store, request, () => 0))) ?? [];
  } finally {
    await store.close();
  }
}

/** Returns the accounts of all pages; null when no server runs. */
async function allPages(fetchPage: FetchPage): Promise<readonly Account[] | null> {
  const accounts: Account[] = [];
  for (;;) {
    const after = accounts.at(-1)?.user;
    const page = await fetchPage(after === undefined ? {} : { after });
    if (page === null) return null;
    accounts.push(...page.users);
    if (!page.more) return accounts;
  }
}

const iso = (time: number): string => new Date(time).toISOString();

const asJson = ({ enrolledAt, revoked, ...account }: Account): object => ({
  ...account,
  enrolledAt: iso(enrolledAt),
  revoked: revoked && { at: iso(revoked.at), reason: revoked.reason },
});

function asText({ user, fingerprint, enrolledAt, revoked, connections }: Account): string {
  const connected = connections > 0 ? `connected ${connections}` : '';
  const status = revoked === null ? connected : `revoked ${iso(revoked.at)} ${revoked.reason}`;
  return `${user.padEnd(32)}  ${fingerprint.slice(0, 16)}  ${iso(enrolledAt)}  ${status}`.trimEnd();
}
