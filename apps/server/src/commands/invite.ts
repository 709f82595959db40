/** `chat-server invite`: prints a line with which one person can join. The server may run meanwhile. */
import { openSqliteStore } from '@chat/store-sqlite';
import { Complaint } from '../command-error.ts';
import type { InviteCommand } from '../config/command-line.ts';
import { dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import type { Surroundings } from '../run-context.ts';
import { addInvitation } from './invitation.ts';
import { lineOf } from './welcome.ts';

export async function invite(command: InviteCommand, { environment, print }: Surroundings): Promise<void> {
  const directory = dataDirectory(command.data, environment);
  const record = await requireRecord(directory);
  if (record.policy === 'closed') {
    throw new Complaint('The server takes no invitations: start it with --policy invite.');
  }
  const store = await openSqliteStore(directory.store, { create: false });
  try {
    print(lineOf(record, await addInvitation(store, command.hours ?? 24)));
  } finally {
    await store.close();
  }
}
