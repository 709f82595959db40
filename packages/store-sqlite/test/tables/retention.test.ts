/** Retention in the file: deleted bytes are gone, their space is used again, and a store of an earlier version is counted. */
import { readFileSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate } from '../../src/file/migrate.ts';
import { migrations } from '../../src/file/schema.ts';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt, roomId } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

const defaults = { ageMs: null, messages: 10, bytes: null };
const expiry = { defaults, now: Date.now(), latest: 0, limit: 10_000 };

test('no byte of a deleted message or room stays in the file, and its space is used again', async () => {
  const path = temporaryFile();
  const messages = 400;
  const secret = (seq: number) => `secret ${seq} `.padEnd(3_000, 'y');
  const entry = (room: number, seq: number) => {
    const made = entryAt(room, seq);
    return { ...made, entry: { ...made.entry, payload: Buffer.from(`${room} ${secret(seq)}`) } };
  };
  const fill = async (room: number) => {
    const store = await openSqliteStore(path);
    await Promise.all(Array.from({ length: messages + 1 }, (_, index) => store.append(entry(room, index + 1))));
    return store;
  };
  const first = await fill(1);
  await first.close();
  const size = statSync(path).size;

  const store = await openSqliteStore(path);
  expect(await store.expire(roomId(1), expiry)).toMatchObject({ messages: messages - 10, more: false });
  expect(await store.reusableBytes()).toBeGreaterThan(size / 2);
  expect(await store.integrity()).toEqual([]);
  await store.close();
  const bytes = readFileSync(path).toString('latin1');
  expect(bytes).not.toContain(secret(messages / 2).slice(0, 30));
  expect(bytes).toContain(secret(messages + 1));

  const second = await fill(2);
  await second.close();
  // The rows of the deleted messages remain: positions, hashes and client ids.
  expect(statSync(path).size).toBeLessThan(1.3 * size);
  const third = await openSqliteStore(path);
  await third.deleteRoom(roomId(2));
  await third.close();
  expect(readFileSync(path).toString('latin1')).not.toContain(`2 ${secret(messages + 1).slice(0, 30)}`);
});

test('the messages of a store of an earlier version count', async () => {
  const path = temporaryFile();
  const old = new Sqlite(path);
  const before = migrations.findIndex((step) => step.includes('message_bytes'));
  migrate(old, migrations.slice(0, before));
  const room = old.prepare(
    `INSERT INTO rooms (id, room, name, join_policy, history, created_at, membership_seq, removal_seq)
     VALUES (?, ?, ?, 'open', 'all', 1, 1, 0)`,
  );
  const entry = old.prepare(
    `INSERT INTO entries (room, seq, at, type, payload, signed_by, signature, hash, log_hash, author, cid)
     VALUES (?, ?, 1, ?, ?, 'k', 's', 'h', 'l', 'alice', ?)`,
  );
  for (const id of [1, 2]) {
    room.run(id, roomId(id), `room-${id}`);
    for (let seq = 1; seq <= 4 + id; seq++)
      entry.run(id, seq, seq === 1 ? 'create' : 'message', 'x'.repeat(100), `${id} ${seq}`);
  }
  old.close();
  const store = await openSqliteStore(path);
  expect(await store.messagesOf(roomId(1))).toMatchObject({ messages: 4, bytes: 400 });
  await store.append(entryAt(2, 7, 50));
  expect(await store.messagesOf(roomId(2))).toMatchObject({ messages: 6, bytes: 550 });
  expect(await store.expire(roomId(2), { ...expiry, defaults: { ...defaults, messages: 2 } })).toMatchObject({
    ...{ messages: 4, bytes: 400 },
  });
  expect(await store.messagesOf(roomId(2))).toMatchObject({ messages: 2, bytes: 150 });
  await store.close();
});
