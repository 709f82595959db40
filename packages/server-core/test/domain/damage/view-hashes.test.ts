/** A log hash that the disk has changed misleads the server about no author view. */
import { emptyLogHash, entryHash, limits, nextLogHash, utf8 } from '@chat/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import { DamageLog } from '../../../src/domain/damage/damage-log.ts';
import { readViewHashes } from '../../../src/domain/damage/view-hashes.ts';
import { LogView } from '../../../src/domain/entry-rules/log-view.ts';
import type { StoredEntry } from '../../../src/index.ts';
import { author, enrol } from '../../support/enrolling.ts';
import { message, newCid } from '../../support/entries.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { room, TestLog, testServer } from '../../support/test-server.ts';

const roomId = 'a'.repeat(64);

function logOf(length: number): StoredEntry[] {
  let logHash = emptyLogHash(roomId);
  return Array.from({ length }, (_, index) => {
    const seq = index + 1;
    const type = index === 0 ? 'create' : 'message';
    const entry = { type, payload: utf8(`{"seq":${seq}}`), by: 'b'.repeat(64), signature: new Uint8Array(9) } as const;
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, { seq, type, hash });
    return { seq, at: 1, hash, logHash, entry };
  });
}

async function readFrom(rows: readonly StoredEntry[], head = rows.length) {
  const disk = new MemoryDisk();
  disk.logs.set(roomId, [...rows]);
  const log = new TestLog();
  const options = { count: limits.viewEntries, store: createMemoryStore(disk), damage: new DamageLog(log) };
  const hashes = await readViewHashes(roomId, head, options);
  return { hashes, reported: log.lines.map(({ fields }) => fields) };
}

const changed = (text: string) => (text.startsWith('0') ? '1' : '0') + text.slice(1);
const inLog = fc.record({
  length: fc.integer({ min: 1, max: 8 }),
  row: fc.nat(),
  field: fc.constantFrom('hash', 'logHash', 'type'),
});

test('one changed hash or type changes no result, wherever it stands, and is reported', async () => {
  await fc.assert(
    fc.asyncProperty(inLog, async ({ length, row, field }) => {
      const log = logOf(length);
      const at = row % length;
      const rows = log.map((each, index) => {
        if (index !== at) return each;
        if (field !== 'type') return { ...each, [field]: changed(each[field as 'hash' | 'logHash']) };
        return { ...each, entry: { ...each.entry, type: 'leave' as const } };
      });
      const { hashes, reported } = await readFrom(rows);
      // With a wrong type at the end of the log, the entry itself does not say which of the two is right.
      const isLost = field === 'type' && at === length - 1;
      expect(hashes).toEqual(log.map(({ logHash }, index) => (isLost && index === at ? expect.anything() : logHash)));
      expect(reported).toContainEqual({ room: roomId, seq: at + 1, damaged: 'hash' });
    }),
  );
});

test('the position before the first one is checked by what follows', async () => {
  const log = logOf(limits.viewEntries + 2);
  const rows = log.map((each) => (each.seq === 2 ? { ...each, logHash: changed(each.logHash) } : each));
  const { hashes } = await readFrom(rows);
  expect(hashes).toEqual(log.slice(2).map(({ logHash }) => logHash));
});

test('a hash that is lost refuses a view of it as the server’s damage, and no other view', async () => {
  const log = logOf(4);
  const { hashes, reported } = await readFrom(
    log.filter(({ seq }) => seq !== 2),
    4,
  );
  expect(hashes).toEqual([log[0]?.logHash, null, log[2]?.logHash, log[3]?.logHash]);
  expect(reported).toEqual([{ room: roomId, seq: 2, damaged: 'missing' }]);
  const view = new LogView(roomId, 4, hashes);
  const hashAt = (seq: number) => log[seq - 1]?.logHash ?? '';
  for (const seq of [1, 3, 4]) view.require('leave', { seq, hash: hashAt(seq) });
  expect(() => view.require('leave', { seq: 2, hash: hashAt(2) })).toThrow(
    expect.objectContaining({ code: 'store-damaged' }),
  );
  expect(() => view.require('leave', { seq: 3, hash: hashAt(2) })).toThrow(
    expect.objectContaining({ code: 'other-log' }),
  );
  const lost = new LogView(roomId, 2, [hashAt(1), null]);
  expect(() => lost.add('message', '0'.repeat(64))).toThrow(expect.objectContaining({ code: 'store-damaged' }));
});

test('behind a lost hash the stored one of the last position counts, if the row is sound in itself', async () => {
  const log = logOf(4);
  const lastRow = (change: (last: StoredEntry) => StoredEntry) =>
    readFrom(
      log.filter(({ seq }) => seq !== 3).map((each) => (each.seq === 4 ? change(each) : each)),
      4,
    );
  const before = [log[0]?.logHash, log[1]?.logHash, null];
  const missing = { room: roomId, seq: 3, damaged: 'missing' };
  expect(await lastRow((last) => last)).toEqual({ hashes: [...before, log[3]?.logHash], reported: [missing] });
  // Nothing says then which one the log hash belongs to.
  for (const change of [{ hash: changed(log[3]?.hash ?? '') }, { entry: log[1]?.entry }]) {
    const reported = [missing, { room: roomId, seq: 4, damaged: 'hash' }];
    const read = await lastRow((last) => ({ ...last, ...change }) as StoredEntry);
    expect(read).toEqual({ hashes: [...before, null], reported });
  }
});

test('an author whose view names a position with a damaged hash is not refused, nor is the log forked', async () => {
  const disk = new MemoryDisk();
  const before = await testServer({ store: createMemoryStore(disk) });
  const who = await enrol(before, author('alice'));
  const { id, head } = await room('den', [{ who, client: await before.login(who) }]);
  await before[Symbol.asyncDispose]();
  const log = disk.logs.get(id) ?? [];
  const right = log.at(-1);
  if (right === undefined) throw new Error();
  log.splice(-1, 1, { ...right, logHash: changed(right.logHash) });

  await using at = await testServer({ store: createMemoryStore(disk) });
  const client = await at.login(who);
  const entry = message(who, id, 1, 'token', { seq: head, hash: right.logHash });
  expect(await outcomeOf(client.request('append', { room: id, cid: newCid(), entry }))).toBe('ok');
  const { logHash } = disk.logs.get(id)?.at(-1) ?? {};
  expect(logHash).toBe(nextLogHash(right.logHash, { seq: head + 1, type: 'message', hash: entryHash(entry) }));
  expect(at.log.lines.filter(({ fields }) => 'damaged' in fields).map(({ fields }) => fields)).toEqual([
    { room: id, seq: head, damaged: 'hash' },
  ]);
});
