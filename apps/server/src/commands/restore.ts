/** `chat-server restore FILE`: restores a backup into an empty data directory, and says what follows from its age. */
import { resolve } from 'node:path';
import { type Restored, restoreBackup } from '../backup/restore-backup.ts';
import { durationText } from '../config/amounts.ts';
import type { RequestFor } from '../config/command-line.ts';
import { findCaPassword, readBackupPassword } from '../configuration/password-file.ts';
import { dataDirectory } from '../data/data-directory.ts';
import type { RunContext } from '../run-context.ts';
import { keyNotChecked } from './backup.ts';

/**
 * Restores a backup, and prints how old it is and what users will see.
 *
 * @throws CommandError `file-access`, `backup-damaged`, `backup-password`, `ca-password`, `data-too-new`, `data-directory`, `data-in-use`; StoreError
 */
export async function restore(request: RequestFor<'restore'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  const now = Date.now();
  const [password, caPassword] = [
    await readBackupPassword(request['password-file']),
    await findCaPassword(directory.path, request.config, environment),
  ];
  const restored = await restoreBackup({ directory, file: resolve(request.file), password, caPassword, now });
  print(request.json ? asJson(restored, now) : asText(restored, { path: directory.path, now }));
}

const iso = (time: number): string => new Date(time).toISOString();

const asJson = ({ contents, openInvitations, wrapsDeleted, isKeyChecked }: Restored, now: number): string => {
  const { madeAt, ca, rooms, entries, accounts } = contents;
  const counts = { rooms, entries, accounts, openInvitations, wrapsDeleted };
  return JSON.stringify({
    madeAt: iso(madeAt),
    ageMs: Math.max(0, now - madeAt),
    ca,
    ...counts,
    keyChecked: isKeyChecked,
  });
};

function asText(
  { contents, openInvitations, wrapsDeleted, isKeyChecked }: Restored,
  { path, now }: { readonly path: string; readonly now: number },
): string {
  const { madeAt, ca, rooms, entries, accounts } = contents;
  const lines = [
    `Restored into ${path}: rooms ${rooms}, entries ${entries}, accounts ${accounts}, the CA ${ca}.`,
    `The backup is of ${iso(madeAt)}, ${durationText(now - madeAt)} ago. Of what happened since then:`,
    '- Messages: the clients of the members give them back when they connect, and say so. Start the server with the addresses and options',
    '  of before, and let the members who were online last connect first.',
    '- Revocations are lost. Run each of those "revoke" commands again, once members have connected.',
    '- Accounts of users who enrolled since are lost. Their clients enrol again by themselves if the server is open; else send a new line.',
    '- Deleted rooms and changes with "retention" are undone: repeat them before the start.',
    '- If a new CA was announced since, or is in use, the clients of your users do not accept this server: use a backup from after that.',
  ];
  if (openInvitations > 0) {
    lines.push(
      `- Of then, ${openInvitations} enrolment invitations are open, also those that were used since: "invitations" lists and withdraws them.`,
    );
  }
  if (wrapsDeleted > 0) {
    lines.push(
      `The store is of an earlier version of this program. Its update deleted ${wrapsDeleted} stored keys, which no client opens any more.`,
    );
  }
  if (!isKeyChecked) lines.push(keyNotChecked);
  return lines.join('\n');
}
