/** `chat-server rooms`: lists the rooms with their sizes. `chat-server delete-room NAME`: deletes one. */
import type { RoomUsage } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { askServer } from '../admin/admin-client.ts';
import { CommandError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { type DataDirectory, dataDirectory } from '../data/data-directory.ts';
import { allRooms } from '../data/examine-store.ts';
import { requireRecord } from '../data/server-record.ts';
import { noAnswerText, withUnusedStore } from '../data/unused-store.ts';
import type { RunContext } from '../run-context.ts';
import { requireConfirmation } from './confirm.ts';
import { boundsText } from './retention.ts';

/**
 * Prints the rooms, the largest first. It reads the file itself, also while a server runs.
 *
 * @throws CommandError `not-started`; StoreError
 */
export async function rooms(request: RequestFor<'rooms'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const found = [...(await readRooms(directory))].sort((a, b) => b.bytes - a.bytes);
  if (request.json) for (const room of found) print(JSON.stringify({ ...room, lastAt: iso(room.lastAt) }));
  else print([heading, ...found.map(asText)].join('\n'));
}

/**
 * Deletes a room and prints what it held.
 *
 * @throws CommandError `not-started`, `usage` and `not-confirmed` without a confirmation, `unknown-room`, `data-in-use`, `no-answer`; StoreError
 */
export async function deleteRoom(
  request: RequestFor<'delete-room'>,
  { environment, print, ask }: RunContext,
): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const { room: wanted, yes, json } = request;
  const found = (await readRooms(directory)).find(({ room, name }) => name === wanted || room === wanted);
  if (found === undefined) throw unknownRoom(wanted);
  const what = `${found.entries} entries, ${found.members} members, ${found.bytes} bytes`;
  await requireConfirmation(`This deletes ${wanted} (${what}) for good.`, { yes, ask });
  const { room } = found;
  const answer = await askServer(directory.adminSocket, 'delete-room', { room });
  const isDeleted =
    answer?.deleted ?? (await withUnusedStore(directory, noAnswerText(directory), (store) => store.deleteRoom(room)));
  if (!isDeleted) throw unknownRoom(wanted);
  if (json)
    return print(
      JSON.stringify({ room, name: found.name, entries: found.entries, members: found.members, bytes: found.bytes }),
    );
  const told = answer === null ? 'when they connect' : 'now, or when they connect';
  print(
    `Deleted ${wanted}: ${what}. Its members learn it ${told}. Its space in chat.db is used again for new entries.`,
  );
}

const unknownRoom = (wanted: string): CommandError =>
  new CommandError('unknown-room', `There is no room ${wanted}: "chat-server rooms" lists all of them.`);

/** Reads the file itself, also while a server runs. */
async function readRooms(directory: DataDirectory): Promise<readonly RoomUsage[]> {
  const store = await openSqliteStore(directory.store, { readOnly: true });
  try {
    return await allRooms(store);
  } finally {
    await store.close();
  }
}

const iso = (time: number): string => new Date(time).toISOString();

const heading = `${'NAME'.padEnd(32)}  ${'BYTES'.padStart(12)}  ${'ENTRIES'.padStart(8)}  MEMBERS  LATEST ENTRY              MESSAGES KEPT`;

const asText = ({ room, name, bytes, entries, members, lastAt, retention }: RoomUsage): string =>
  `${(name ?? `closed ${room.slice(0, 16)}`).padEnd(32)}  ${String(bytes).padStart(12)}  ${String(entries).padStart(8)}  ${String(members).padStart(7)}  ${iso(lastAt)}  ${boundsText(retention, null)}`;
