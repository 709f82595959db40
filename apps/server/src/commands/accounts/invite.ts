/** `chat-server invite [NAME]`: prints an invitation line for one user or several, whether a server runs or not. */
import type { Store } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { invitationHours } from '../../admin/settings-in-force.ts';
import { CommandError } from '../../command-error.ts';
import type { RequestFor } from '../../config/command-line.ts';
import { dataDirectory } from '../../data/data-directory.ts';
import { requireRecord } from '../../data/server-record.ts';
import type { RunContext } from '../../run-context.ts';
import { addInvitation } from '../../serving/invitation.ts';
import { invitationLineOf } from '../../serving/welcome.ts';
import { qrCode } from './qr-code.ts';

/** Only a terminal draws colours. */
interface InviteContext extends RunContext {
  readonly isTerminal: boolean;
}

/**
 * Prints an invitation line with a new token.
 *
 * @throws CommandError `usage`, `config`, `not-started`, `enrolment-closed`, `name-taken`; StoreError
 */
export async function invite(
  { user, uses, qr, json, data, ...request }: RequestFor<'invite'>,
  { environment, print, isTerminal }: InviteContext,
): Promise<void> {
  if (user !== undefined && uses > 1) {
    throw new CommandError('usage', `One user has the name ${user}: leave out either the name or --uses.`);
  }
  if (qr && json) throw new CommandError('usage', '--qr is for people and --json is for programs: use one of them.');
  const directory = dataDirectory(data, environment);
  const record = await requireRecord(directory);
  if (record.policy === 'closed') {
    throw new CommandError(
      'enrolment-closed',
      'The enrolment policy of this server is "closed", so invitations are not valid: start it with --policy invite.',
    );
  }
  const hours = await invitationHours(request.hours, { ...request, data, environment });
  const store = await openSqliteStore(directory.store, { create: false });
  try {
    if (user !== undefined) await requireFree(store, user);
    const { token, id, invitation } = await addInvitation(store, { hours, uses, ...(user !== undefined && { user }) });
    const line = invitationLineOf(record, token);
    const about = { id, expiresAt: new Date(invitation.expiresAt).toISOString(), user: user ?? null, uses };
    print(json ? JSON.stringify({ line, ...about }) : line);
    if (qr) print(qrCode(line, isTerminal && !environment['NO_COLOR']));
  } finally {
    await store.close();
  }
}

async function requireFree(store: Store, user: string): Promise<void> {
  if ((await store.findAccount(user)) === null) return;
  throw new CommandError(
    'name-taken',
    `There is an account with the name ${user}: invite another name, or free this one with "chat-server reset ${user}".`,
  );
}
