/** `chat-server logs`: how much a running server logs. */
import { askServer } from '../admin/admin-client.ts';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import type { RunContext } from '../run-context.ts';

/**
 * Sets the level until the server stops, or prints it.
 *
 * @throws CommandError `not-started`, `not-running`, `no-answer`; ProtocolError
 */
export async function logs(
  { level, json, data }: RequestFor<'logs'>,
  { environment, print }: RunContext,
): Promise<void> {
  const directory = dataDirectory(data, environment);
  await requireRecord(directory);
  const answer = await askServer(directory.adminSocket, 'log-level', level === undefined ? {} : { level });
  if (answer === null) {
    throw new CommandError(
      'not-running',
      `No server runs on ${directory.path}: start one with --log-level to set how much it logs.`,
    );
  }
  if (json) print(JSON.stringify(answer));
  else print(level === undefined ? answer.level : `The server logs at level ${answer.level} until it stops.`);
}
