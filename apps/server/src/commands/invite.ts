/** `chat-server invite`: prints an invitation line for one user, whether a server runs or not. */
import { openSqliteStore } from '@chat/store-sqlite';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import type { RunContext } from '../run-context.ts';
import { addInvitation } from './invitation.ts';
import { invitationLineOf } from './welcome.ts';

/**
 * Prints an invitation line with a token that is valid for one enrolment.
 *
 * @throws CommandError `not-started`, `enrolment-closed`; StoreError
 */
export async function invite(request: RequestFor<'invite'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  const record = await requireRecord(directory);
  if (record.policy === 'closed') {
    throw new CommandError(
      'enrolment-closed',
      'The enrolment policy of this server is "closed", so invitations are not valid: start it with --policy invite.',
    );
  }
  const store = await openSqliteStore(directory.store, { create: false });
  try {
    const { token, id, expiresAt } = await addInvitation(store, request.hours);
    const line = invitationLineOf(record, token);
    print(request.json ? JSON.stringify({ line, id, expiresAt: new Date(expiresAt).toISOString() }) : line);
  } finally {
    await store.close();
  }
}
