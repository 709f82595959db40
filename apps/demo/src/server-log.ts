/** Reads a room's log from the server's database, as the operator can. */
import { join } from 'node:path';
import type { RoomId } from '@chat/protocol';
import { openSqliteStore } from '@chat/store-sqlite';

/** An entry of a log as the server has stored it. */
export type StoredEntry = Awaited<ReturnType<typeof readServerLog>>[number];

/** Returns the first entries of a room's log. */
export async function readServerLog(data: string, roomId: RoomId) {
  const store = await openSqliteStore(join(data, 'chat.db'));
  try {
    return (await store.read(roomId, 0, 1000, 1024 * 1024)).flatMap((row) => ('entry' in row ? [row] : []));
  } finally {
    await store.close();
  }
}
