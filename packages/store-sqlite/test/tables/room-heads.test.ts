/** The store remembers the ends of logs, and never appends to one that is no longer true. */
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt, roomId } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

const conflict = { code: 'sequence' };

test('an entry that another process has appended is not overlooked', async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  for (const seq of [1, 2]) await store.append(entryAt(1, seq));
  const other = new Sqlite(path);
  other.exec(`INSERT INTO entries (room, seq, at, type, payload, signed_by, signature, hash, log_hash, author, cid, messages, message_bytes)
    SELECT room, 3, at, type, payload, signed_by, signature, hash, log_hash, author, x'07', 2, 600 FROM entries WHERE seq = 2`);
  other.close();
  await expect(store.append(entryAt(1, 3))).rejects.toMatchObject(conflict);
  await store.append(entryAt(1, 4));
  expect(await store.messagesOf(roomId(1))).toMatchObject({ messages: 3 });
  await store.close();
});

test('nothing is appended to a room that was deleted, also when its row id is used again', async () => {
  const store = await openSqliteStore(temporaryFile());
  for (const seq of [1, 2]) await store.append(entryAt(1, seq));
  await store.deleteRoom(roomId(1));
  await store.append(entryAt(2, 1));
  await expect(store.append(entryAt(1, 3))).rejects.toMatchObject(conflict);
  await store.append(entryAt(2, 2));
  expect(await store.load(roomId(2))).toMatchObject({ head: 2 });
  await store.close();
});

test('entries that were rolled back with a refused one are appended after it', async () => {
  const store = await openSqliteStore(temporaryFile());
  await store.append(entryAt(1, 1));
  const outcomes = await Promise.allSettled([
    store.append(entryAt(1, 2)),
    store.append(entryAt(1, 9)),
    store.append({ ...entryAt(1, 3), cid: entryAt(1, 2).cid }),
    store.append(entryAt(1, 3)),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(outcomes[2]).toMatchObject({ reason: { code: 'duplicate' } });
  expect(await store.messagesOf(roomId(1))).toMatchObject({ messages: 2 });
  expect(await store.load(roomId(1))).toMatchObject({ head: 3 });
  await store.close();
});
