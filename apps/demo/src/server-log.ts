/** What the server has stored of a room: read from its database, as its operator could. */
import { join } from 'node:path';
import type { RoomId } from '@chat/protocol';
import { openSqliteStore } from '@chat/store-sqlite';

export type StoredEntry = Awaited<ReturnType<typeof readServerLog>>[number];

export async function readServerLog(data: string, room: RoomId) {
  const store = await openSqliteStore(join(data, 'chat.db'));
  try {
    return await store.read(room, 0, 1000, 1024 * 1024);
  } finally {
    await store.close();
  }
}
