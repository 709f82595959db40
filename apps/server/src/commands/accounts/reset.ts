/** `chat-server reset NAME`: revokes a user's key and frees the name, so that the user enrols anew under it. */
import { askServer } from '../../admin/admin-client.ts';
import type { AdminResult } from '../../admin/admin-operation.ts';
import { invitationHours } from '../../admin/settings-in-force.ts';
import { CommandError } from '../../command-error.ts';
import type { RequestFor } from '../../config/command-line.ts';
import { dataDirectory } from '../../data/data-directory.ts';
import { requireRecord } from '../../data/server-record.ts';
import type { RunContext } from '../../run-context.ts';
import { hoursText, newInvitation } from '../../serving/invitation.ts';
import { invitationLineOf } from '../../serving/welcome.ts';
import { requireConfirmation } from '../confirm.ts';

/**
 * Frees a name, if the operator confirms, and prints the line with which its user enrols again.
 *
 * @throws CommandError `not-started`, `usage` and `not-confirmed` without a confirmation, `not-running`, `no-answer`; ProtocolError
 */
export async function reset(request: RequestFor<'reset'>, { environment, print, ask }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  const record = await requireRecord(directory);
  const { user, reason, yes, json } = request;
  await requireConfirmation(
    `This ends the access of the key that ${user} has now, permanently, and frees the name for another key. The members of their rooms are warned of the other key.`,
    { yes, ask },
  );
  const hours = await invitationHours(request.hours, { ...request, environment });
  const { token, invitation } = newInvitation({ hours, user });
  const done = await askServer(directory.adminSocket, 'reset', { user, reason, invitation: { ...invitation, user } });
  if (done === null) {
    throw new CommandError('not-running', `No server runs on ${directory.path}: start it, then run the command again.`);
  }
  const line = record.policy === 'closed' ? null : invitationLineOf(record, token);
  const others = done.users.filter((name) => name !== user);
  if (json) return print(asJson(done, { line, expiresAt: invitation.expiresAt }));
  print(
    [
      `The name ${user} is free. Ended: connections ${done.sessions}, rooms ${done.rooms}, certificates ${done.certificates}.`,
      ...(others.length === 0 ? [] : [`Free with it, because the identity key is the same: ${others.join(', ')}.`]),
      ...(line === null
        ? ['The enrolment policy is "closed": start the server with --policy invite before the user enrols.']
        : [
            `Only this line enrols ${user}, once, within ${hoursText(hours)}:`,
            `  ${line}`,
            `Members who knew ${user} are warned that the key is another one, and accept it with /trust ${user}.`,
          ]),
    ].join('\n'),
  );
}

const asJson = (
  { users, since, sessions, rooms, certificates }: AdminResult<'reset'>,
  { line, expiresAt }: { readonly line: string | null; readonly expiresAt: number },
): string =>
  JSON.stringify({
    users,
    since: new Date(since).toISOString(),
    ...{ connections: sessions, rooms, certificates, line },
    expiresAt: new Date(expiresAt).toISOString(),
  });
