/** Contract of `RoomStore` for appending to logs and reading them: order, conflicts, durability, pages. */
import assert from 'node:assert/strict';
import { StoreConflict } from '../ports/room-store.ts';
import { assertMatches } from './assert-matches.ts';
import { cidOf, createOf, entryOf, hashOf, logHashAt, stored } from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const room = hashOf('room');
const many = Number.MAX_SAFE_INTEGER;

/** Returns the outcome of an append: `ok`, or the code of the conflict. */
const outcome = (append: Promise<void>): Promise<string> =>
  append.then(
    () => 'ok',
    (error: unknown) => {
      if (error instanceof StoreConflict) return error.code;
      throw error;
    },
  );

/** Adds the tests of appending to logs and reading them. */
export function logContract(test: ContractTest): void {
  test('returns entries exactly as they were appended, in order', async (subject) => {
    const entries = [createOf(room, 'den', 'alice'), entryOf(room, 2, 'alice'), entryOf(room, 3, 'alice')];
    for (const entry of entries) await subject.store.append(entry);
    assert.deepEqual(await subject.store.read(room, 0, 10, many), entries.map(stored));
    assert.deepEqual(await subject.store.read(room, 2, 10, many), entries.slice(2).map(stored));
    assert.deepEqual(await subject.store.read(room, 3, 10, many), []);
    assert.deepEqual(await subject.store.read(hashOf('no room'), 0, 10, many), []);
  });

  test('writes a damaged entry again, and changes nothing else', async (subject) => {
    const entries = [createOf(room, 'den', 'alice'), entryOf(room, 2, 'alice'), entryOf(room, 3, 'alice')];
    for (const entry of entries) await subject.store.append(entry);
    const before = await subject.store.load(room);
    const repaired = {
      ...stored(entryOf(room, 2, 'alice', { payload: 'sound' })),
      at: 7,
      hash: hashOf('a'),
      logHash: hashOf('b'),
    };
    await subject.store.repair(room, repaired);
    await subject.reopen();
    const [first, , third] = entries.map(stored);
    assert.deepEqual(await subject.store.read(room, 0, 10, many), [first, repaired, third]);
    assert.deepEqual(await subject.store.logHashes(room, 1, 1), [repaired.logHash]);
    assert.deepEqual(await subject.store.load(room), before);
    assertMatches(await subject.store.findAppended('alice', entries[1]?.cid ?? ''), { room, seq: 2 });
  });

  test('has an acknowledged entry after reopening', async (subject) => {
    const entries = [createOf(room, 'den', 'alice'), entryOf(room, 2, 'alice')];
    for (const entry of entries) await subject.store.append(entry);
    await subject.reopen();
    assert.deepEqual(await subject.store.read(room, 0, 10, many), entries.map(stored));
    await subject.store.append(entryOf(room, 3, 'alice'));
    assertMatches(await subject.store.load(room), { head: 3 });
  });

  test('refuses a position that does not follow, and changes nothing', async (subject) => {
    assert.equal(await outcome(subject.store.append(entryOf(room, 2, 'alice'))), 'sequence');
    await subject.store.append(createOf(room, 'den', 'alice'));
    assert.equal(await outcome(subject.store.append(entryOf(room, 1, 'alice', { cid: cidOf('again') }))), 'sequence');
    assert.equal(await outcome(subject.store.append(entryOf(room, 3, 'alice'))), 'sequence');
    const second = { ...createOf(room, 'other', 'bob'), cid: cidOf('second create') };
    assert.equal(await outcome(subject.store.append(second)), 'sequence');
    assertMatches(await subject.store.load(room), { head: 1, name: 'den' });
    assert.equal(await subject.store.findRoom('other', 'alice'), null);
    assert.equal(await subject.store.findAppended('alice', cidOf('again')), null);
  });

  test('appends a request once, also when the repeat names another room', async (subject) => {
    const cid = cidOf('once');
    const other = hashOf('other room');
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append(createOf(other, 'attic', 'alice'));
    await subject.store.append(entryOf(room, 2, 'alice', { cid }));
    assert.equal(await outcome(subject.store.append(entryOf(room, 3, 'alice', { cid }))), 'duplicate');
    assert.equal(await outcome(subject.store.append(entryOf(other, 2, 'alice', { cid }))), 'duplicate');
    assertMatches(await subject.store.load(room), { head: 2 });
    // The same id of another author is another request.
    await subject.store.append(entryOf(room, 3, 'bob', { cid }));
  });

  test('finds the place of a request for its author, also after reopening', async (subject) => {
    const entry = entryOf(room, 2, 'alice', { cid: cidOf('message') });
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append(entry);
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(await subject.store.findAppended('alice', entry.cid), { room, seq: 2, at: entry.at });
      assert.equal(await subject.store.findAppended('bob', entry.cid), null);
      assert.equal(await subject.store.findAppended('alice', cidOf('never sent')), null);
      await subject.reopen();
    }
    assert.equal(await outcome(subject.store.append(entryOf(room, 3, 'alice', { cid: entry.cid }))), 'duplicate');
  });

  test('resolves pipelined appends of one room in order', async (subject) => {
    const resolved: number[] = [];
    const entries = [createOf(room, 'den', 'alice')];
    for (let seq = 2; seq <= 200; seq++) entries.push(entryOf(room, seq, 'alice'));
    await Promise.all(entries.map((entry) => subject.store.append(entry).then(() => resolved.push(entry.seq))));
    assert.deepEqual(
      resolved,
      entries.map((entry) => entry.seq),
    );
    assert.deepEqual(await subject.store.read(room, 0, 1_000, many), entries.map(stored));
  });

  test('refuses an append behind a refused one', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    const cid = createOf(room, 'den', 'alice').cid;
    const outcomes = await Promise.all([
      outcome(subject.store.append(entryOf(room, 2, 'alice'))),
      outcome(subject.store.append(entryOf(room, 3, 'alice', { cid }))),
      outcome(subject.store.append(entryOf(room, 4, 'alice'))),
    ]);
    assert.deepEqual(outcomes, ['ok', 'duplicate', 'sequence']);
    assertMatches(await subject.store.load(room), { head: 2 });
  });

  test('keeps the log hash at each position, also after reopening', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    for (let seq = 2; seq <= 5; seq++) await subject.store.append(entryOf(room, seq, 'alice'));
    const hashes = (...positions: number[]) => positions.map((seq) => logHashAt(room, seq));
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(await subject.store.logHashes(room, 0), hashes(1, 2, 3, 4, 5));
      assert.deepEqual(await subject.store.logHashes(room, -500), hashes(1, 2, 3, 4, 5));
      assert.deepEqual(await subject.store.logHashes(room, 3), hashes(4, 5));
      assert.deepEqual(await subject.store.logHashes(room, 5), []);
      assert.deepEqual(await subject.store.logHashes(hashOf('no room'), 0), []);
      const places = [3, 4]
        .map((seq) => entryOf(room, seq, 'alice'))
        .map(({ seq, entry, hash, logHash }) => ({
          seq,
          type: entry.type,
          hash,
          logHash,
        }));
      assertMatches(await subject.store.places(room, 2, 2), places);
      assert.equal((await subject.store.places(room, -1, 99)).length, 5);
      await subject.reopen();
    }
  });

  test('appends to many rooms at once', async (subject) => {
    const rooms = Array.from({ length: 20 }, (_, index) => hashOf(`room ${index}`));
    await Promise.all(
      rooms.flatMap((id, index) => [
        subject.store.append(createOf(id, `room-${index}`, 'alice')),
        ...Array.from({ length: 20 }, (_, at) => subject.store.append(entryOf(id, at + 2, 'alice'))),
      ]),
    );
    await subject.reopen();
    for (const id of rooms) {
      const log = await subject.store.read(id, 0, 100, many);
      assert.deepEqual(
        log.map((entry) => entry.seq),
        Array.from({ length: 21 }, (_, at) => at + 1),
      );
      assert.deepEqual(log.at(-1), stored(entryOf(id, 21, 'alice')));
    }
  });

  test('bounds a page in entries and in bytes, and returns at least one entry', async (subject) => {
    const payload = 'x'.repeat(1_000);
    await subject.store.append(createOf(room, 'den', 'alice'));
    for (let seq = 2; seq <= 12; seq++) await subject.store.append(entryOf(room, seq, 'alice', { payload }));

    assert.equal((await subject.store.read(room, 1, 4, many)).length, 4);
    assert.equal((await subject.store.read(room, 1, 10, 1)).length, 1);
    const page = await subject.store.read(room, 1, 100, 3_500);
    assert.ok(page.length >= 2);
    // The port says "about": one more entry is allowed.
    assert.ok(page.length <= 4);

    const seen: number[] = [];
    for (;;) {
      const next = await subject.store.read(room, seen.length, 3, 2_500);
      if (next.length === 0) break;
      seen.push(...next.map((entry) => entry.seq));
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });
}
