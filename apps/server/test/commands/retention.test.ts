/** `retention`, beside a running server and without one. */
import { join } from 'node:path';
import { emptyLogHash, entryHash, limits, nextLogHash } from '@chat/protocol';
import { openSqliteStore } from '@chat/store-sqlite';
import { expect, test } from 'vitest';
import { run, startIn, temporaryDirectory } from '../support/server-process.ts';

const room = 'a'.repeat(64);
const fingerprint = 'b'.repeat(64);

/** Stores a room with messages in the data of a running server, which does not use it. */
async function fill(data: string, messages: number): Promise<void> {
  const store = await openSqliteStore(join(data, 'chat.db'));
  let logHash = emptyLogHash(room);
  const stored: Promise<void>[] = [];
  for (let seq = 1; seq <= messages + 1; seq++) {
    const type = seq === 1 ? 'create' : 'message';
    const entry = { type, payload: JSON.stringify({ type, seq }), by: fingerprint, signature: 'c2lnbmF0dXJl' } as const;
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, { seq, type, hash });
    const policy = { join: 'open', history: 'since-join' } as const;
    const change = seq === 1 ? ({ kind: 'create', name: 'den', policy, user: 'alice', fingerprint } as const) : null;
    const cid = String(seq).padStart(32, '0');
    stored.push(store.append({ room, seq, at: 1_000, hash, logHash, entry, author: 'alice', cid, change }));
  }
  await Promise.all(stored);
  await store.close();
}

test('sets, prints and applies the bounds of a room, and what was deleted is no damage', async () => {
  const data = temporaryDirectory();
  const server = await startIn(data, ['--keep-days', '7', '--keep-bytes', '2G']);
  await fill(data, limits.keptEntries + 30);
  const retention = (...args: string[]) => run(['retention', 'den', ...args, '--data', data]);
  const shown = await retention('--json');
  expect(JSON.parse(shown.out)).toMatchObject({
    own: { ageMs: null, messages: null, bytes: null },
    defaults: { ageMs: 7 * 86_400_000, messages: null, bytes: 2 * 1_024 ** 3 },
    messages: limits.keptEntries + 30,
    deleted: 0,
  });
  // Only the number counts: the messages are of 1970.
  const set = await retention('--keep-days', 'off', '--keep-messages', String(limits.keptEntries + 20));
  expect(set).toMatchObject({ code: 0, err: '' });
  expect(set.out).toMatch(/the latest 120, the latest 2G\..*\nDeleted now: 10\./);
  expect((await run(['rooms', '--data', data])).out).toContain('the latest 120');
  expect(JSON.parse((await run(['doctor', '--json', '--data', data])).out)).toMatchObject({ faults: [] });
  expect((await run(['retention', 'attic', '--data', data])).err).toContain('no room attic');
  expect(await retention('--keep-messages', '99')).toMatchObject({ code: 2 });
  await server.kill('SIGTERM');

  const stopped = await retention('--keep-days', 'default', '--json');
  expect(JSON.parse(stopped.out)).toMatchObject({
    ...{ own: { ageMs: null, messages: 120, bytes: null }, defaults: null, deleted: 0 },
  });
  // The next start applies the server's own bound.
  const again = await startIn(data, ['--keep-days', '7']);
  const kept = async () => JSON.parse((await retention('--json')).out).messages;
  await expect.poll(kept, { timeout: 60_000 }).toBe(limits.keptEntries);
  await again.kill('SIGTERM');
});
