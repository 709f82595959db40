/** `chat-server invitations`: lists the open enrolment invitations, and withdraws one or all. */
import type { Invitation, Store } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { CommandError } from '../../command-error.ts';
import { durationText } from '../../config/amounts.ts';
import type { RequestFor } from '../../config/command-line.ts';
import { dataDirectory } from '../../data/data-directory.ts';
import { requireRecord } from '../../data/server-record.ts';
import type { RunContext } from '../../run-context.ts';
import { idOf } from '../../serving/invitation.ts';

/** The most invitations that are listed. */
const maxListed = 10_000;

/** An open invitation as the operator sees it. */
interface Listed extends Pick<Invitation, 'expiresAt' | 'user' | 'uses'> {
  readonly id: string;
}

/**
 * Prints the open invitations, or those that it withdraws.
 *
 * @throws CommandError `not-started`, `usage`, `unknown-invitation`; StoreError
 */
export async function invitations(
  { withdraw, 'withdraw-all': all, json, data }: RequestFor<'invitations'>,
  { environment, print }: RunContext,
): Promise<void> {
  if (withdraw !== undefined && all) {
    throw new CommandError('usage', '--withdraw names one invitation and --withdraw-all means all: use one of them.');
  }
  const directory = dataDirectory(data, environment);
  await requireRecord(directory);
  const changes = withdraw !== undefined || all;
  const store = await openSqliteStore(directory.store, changes ? { create: false } : { readOnly: true });
  try {
    const listed = changes ? await withdrawn(store, withdraw ?? null) : (await open(store)).map(listedOf);
    if (json)
      for (const each of listed) print(JSON.stringify({ ...each, expiresAt: iso(each.expiresAt), withdrawn: changes }));
    else print(asText(listed, changes));
  } finally {
    await store.close();
  }
}

const open = (store: Store) => store.openInvitations(Date.now(), maxListed);

const listedOf = ({ tokenHash, ...listed }: Invitation): Listed => ({ id: idOf(tokenHash), ...listed });

/** Withdraws the invitation with this id, or all; one that is used in the same moment is not withdrawn. */
async function withdrawn(store: Store, id: string | null): Promise<readonly Listed[]> {
  const found = (await open(store)).filter(({ tokenHash }) => id === null || idOf(tokenHash) === id);
  const gone: Listed[] = [];
  for (const each of found) if (await store.withdrawInvitation(each.tokenHash)) gone.push(listedOf(each));
  if (id !== null && gone.length === 0) {
    throw new CommandError(
      'unknown-invitation',
      `No open invitation has the id ${id}: it was used or has expired, or "chat-server invitations" lists another id. "chat-server revoke" ends the access of a user who has used one.`,
    );
  }
  return gone;
}

const iso = (time: number): string => new Date(time).toISOString();

function asText(listed: readonly Listed[], isWithdrawn: boolean): string {
  if (listed.length === 0) return isWithdrawn ? 'There was no open invitation.' : 'There is no open invitation.';
  if (isWithdrawn) return listed.map(({ id }) => `Withdrawn: ${id}. Its line enrols no user any more.`).join('\n');
  const rows = listed.map(
    ({ id, expiresAt, user, uses }) =>
      `${id}  ${iso(expiresAt)}  ${durationText(expiresAt - Date.now()).padEnd(22)}  ${String(uses).padEnd(5)}  ${user ?? 'any name'}`,
  );
  return ['ID                VALID UNTIL               FOR                     USERS  NAME', ...rows].join('\n');
}
