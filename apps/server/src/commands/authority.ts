/** `chat-server authority ACTION`: renews the server's CA, or prints how it stands. */
import { ProtocolError } from '@chat/protocol';
import { askServer } from '../admin/admin-client.ts';
import type { AdminRequest, AdminResult } from '../admin/admin-operation.ts';
import { changeAuthority } from '../admin/authority-change.ts';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { findCaPassword } from '../configuration/password-file.ts';
import { readAuthority } from '../data/authority.ts';
import { type DataDirectory, dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import { noAnswerText, withUnusedStore } from '../data/unused-store.ts';
import type { RunContext } from '../run-context.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/**
 * Announces, cancels or ends, and prints the CAs.
 *
 * @throws CommandError `not-started`, `authority`, `ca-password`, `damaged-data`, `data-in-use`, `no-answer`; StoreError
 */
export async function authority(request: RequestFor<'authority'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const asked: AdminRequest<'authority'> = { action: request.action, inMs: request.in * dayMs };
  const answer = await askServer(directory.adminSocket, 'authority', asked).catch((error: unknown) => {
    throw error instanceof ProtocolError && error.code === 'authority'
      ? new CommandError('authority', error.message)
      : error;
  });
  const result =
    answer ??
    (await withoutServer(directory, asked, await findCaPassword(directory.path, request.config, environment)));
  print(request.json ? JSON.stringify(result) : asText(request.action, result, answer !== null));
}

const withoutServer = (
  directory: DataDirectory,
  asked: AdminRequest<'authority'>,
  password: string | undefined,
): Promise<AdminResult<'authority'>> =>
  withUnusedStore(directory, noAnswerText(directory), async ({ ledger }) => {
    const present = await readAuthority(directory, password);
    return changeAuthority(asked, { directory, authority: present, password, ledger, now: Date.now() });
  });

function asText(
  action: AdminRequest<'authority'>['action'],
  { fingerprint, endsAt, next, accepted }: AdminResult<'authority'>,
  isRunning: boolean,
): string {
  const lines = [`The CA ${fingerprint} is valid until ${new Date(endsAt).toISOString()}.`];
  if (next === null) lines.push('No other one is announced.');
  else {
    lines.push(
      `The CA ${next.fingerprint} follows at ${new Date(next.from).toISOString()}.`,
      'The server switches by itself then. Clients learn of it when they connect, and users have nothing to do.',
    );
  }
  lines.push(
    accepted === 0
      ? 'Clients accept the server if they trust this CA.'
      : `Clients that trust one of the ${accepted} CAs before it accept the server, too.`,
  );
  if (action === 'announce') lines.push('Make a backup now: a server without the new CA would lock out its users.');
  if (action !== 'status' && isRunning) lines.push('All connections have ended for a moment; clients connect again.');
  return lines.join('\n');
}
