/** Appending to logs and reading them: order, conflicts, durability, paging. */
import { expect, test } from 'vitest';
import { StoreConflict } from '../ports/room-store.ts';
import { cidOf, createOf, entryOf, hashOf, logHashAt, stored } from './fixtures.ts';
import type { Subject } from './subject.ts';

const room = hashOf('room');
const many = Number.MAX_SAFE_INTEGER;

/** What came of an append: `ok`, or the code of the conflict. */
const outcome = (append: Promise<void>): Promise<string> =>
  append.then(
    () => 'ok',
    (error: unknown) => {
      if (error instanceof StoreConflict) return error.code;
      throw error;
    },
  );

export function logContract(subject: Subject): void {
  test('entries come back exactly as they were appended, in order', async () => {
    const entries = [createOf(room, 'den', 'ada'), entryOf(room, 2, 'ada'), entryOf(room, 3, 'ada')];
    for (const entry of entries) await subject.store.append(entry);
    expect(await subject.store.read(room, 0, 10, many)).toEqual(entries.map(stored));
    expect(await subject.store.read(room, 2, 10, many)).toEqual(entries.slice(2).map(stored));
    expect(await subject.store.read(room, 3, 10, many)).toEqual([]);
    expect(await subject.store.read(hashOf('no room'), 0, 10, many)).toEqual([]);
  });

  test('an append that was acknowledged is there after reopening', async () => {
    const entries = [createOf(room, 'den', 'ada'), entryOf(room, 2, 'ada')];
    for (const entry of entries) await subject.store.append(entry);
    await subject.reopen();
    expect(await subject.store.read(room, 0, 10, many)).toEqual(entries.map(stored));
    await subject.store.append(entryOf(room, 3, 'ada'));
    expect(await subject.store.load(room)).toMatchObject({ head: 3 });
  });

  test('a position that does not follow is refused and changes nothing', async () => {
    expect(await outcome(subject.store.append(entryOf(room, 2, 'ada')))).toBe('sequence');
    await subject.store.append(createOf(room, 'den', 'ada'));
    expect(await outcome(subject.store.append(entryOf(room, 1, 'ada', { cid: cidOf('again') })))).toBe('sequence');
    expect(await outcome(subject.store.append(entryOf(room, 3, 'ada')))).toBe('sequence');
    const second = { ...createOf(room, 'other', 'bob'), cid: cidOf('second create') };
    expect(await outcome(subject.store.append(second))).toBe('sequence');
    expect(await subject.store.load(room)).toMatchObject({ head: 1, name: 'den' });
    expect(await subject.store.findByName('other')).toBeNull();
    expect(await subject.store.findAppended('ada', cidOf('again'))).toBeNull();
  });

  test('a request is appended once, whatever room it names the second time', async () => {
    const cid = cidOf('once');
    const other = hashOf('other room');
    await subject.store.append(createOf(room, 'den', 'ada'));
    await subject.store.append(createOf(other, 'attic', 'ada'));
    await subject.store.append(entryOf(room, 2, 'ada', { cid }));
    expect(await outcome(subject.store.append(entryOf(room, 3, 'ada', { cid })))).toBe('duplicate');
    expect(await outcome(subject.store.append(entryOf(other, 2, 'ada', { cid })))).toBe('duplicate');
    expect(await subject.store.load(room)).toMatchObject({ head: 2 });
    // the same id of another author is another request
    await subject.store.append(entryOf(room, 3, 'bob', { cid }));
  });

  test('an author finds where a request went, also after reopening', async () => {
    const entry = entryOf(room, 2, 'ada', { cid: cidOf('message') });
    await subject.store.append(createOf(room, 'den', 'ada'));
    await subject.store.append(entry);
    for (let round = 0; round < 2; round++) {
      expect(await subject.store.findAppended('ada', entry.cid)).toEqual({ room, seq: 2, at: entry.at });
      expect(await subject.store.findAppended('bob', entry.cid)).toBeNull();
      expect(await subject.store.findAppended('ada', cidOf('never sent'))).toBeNull();
      await subject.reopen();
    }
    expect(await outcome(subject.store.append(entryOf(room, 3, 'ada', { cid: entry.cid })))).toBe('duplicate');
  });

  test('pipelined appends of one room resolve in order', async () => {
    const resolved: number[] = [];
    const entries = [createOf(room, 'den', 'ada')];
    for (let seq = 2; seq <= 200; seq++) entries.push(entryOf(room, seq, 'ada'));
    await Promise.all(entries.map((entry) => subject.store.append(entry).then(() => resolved.push(entry.seq))));
    expect(resolved).toEqual(entries.map((entry) => entry.seq));
    expect(await subject.store.read(room, 0, 1_000, many)).toEqual(entries.map(stored));
  });

  test('an append behind a refused one is refused too', async () => {
    await subject.store.append(createOf(room, 'den', 'ada'));
    const cid = createOf(room, 'den', 'ada').cid;
    const outcomes = await Promise.all([
      outcome(subject.store.append(entryOf(room, 2, 'ada'))),
      outcome(subject.store.append(entryOf(room, 3, 'ada', { cid }))),
      outcome(subject.store.append(entryOf(room, 4, 'ada'))),
    ]);
    expect(outcomes).toEqual(['ok', 'duplicate', 'sequence']);
    expect(await subject.store.load(room)).toMatchObject({ head: 2 });
  });

  test('the log hash at each position is kept, also after reopening', async () => {
    await subject.store.append(createOf(room, 'den', 'ada'));
    for (let seq = 2; seq <= 5; seq++) await subject.store.append(entryOf(room, seq, 'ada'));
    const hashes = (...positions: number[]) => positions.map((seq) => logHashAt(room, seq));
    for (let round = 0; round < 2; round++) {
      expect(await subject.store.logHashes(room, 0)).toEqual(hashes(1, 2, 3, 4, 5));
      expect(await subject.store.logHashes(room, -500)).toEqual(hashes(1, 2, 3, 4, 5));
      expect(await subject.store.logHashes(room, 3)).toEqual(hashes(4, 5));
      expect(await subject.store.logHashes(room, 5)).toEqual([]);
      expect(await subject.store.logHashes(hashOf('no room'), 0)).toEqual([]);
      await subject.reopen();
    }
  });

  test('many rooms append at once', async () => {
    const rooms = Array.from({ length: 20 }, (_, index) => hashOf(`room ${index}`));
    await Promise.all(
      rooms.flatMap((id, index) => [
        subject.store.append(createOf(id, `room-${index}`, 'ada')),
        ...Array.from({ length: 20 }, (_, at) => subject.store.append(entryOf(id, at + 2, 'ada'))),
      ]),
    );
    await subject.reopen();
    for (const id of rooms) {
      const log = await subject.store.read(id, 0, 100, many);
      expect(log.map((entry) => entry.seq)).toEqual(Array.from({ length: 21 }, (_, at) => at + 1));
      expect(log.at(-1)).toEqual(stored(entryOf(id, 21, 'ada')));
    }
  });

  test('a page is bounded in entries and in bytes, and holds one entry at least', async () => {
    const payload = 'x'.repeat(1_000);
    await subject.store.append(createOf(room, 'den', 'ada'));
    for (let seq = 2; seq <= 12; seq++) await subject.store.append(entryOf(room, seq, 'ada', { payload }));

    expect(await subject.store.read(room, 1, 4, many)).toHaveLength(4);
    expect(await subject.store.read(room, 1, 10, 1)).toHaveLength(1);
    const page = await subject.store.read(room, 1, 100, 3_500);
    expect(page.length).toBeGreaterThanOrEqual(2);
    // "about": one entry over is allowed
    expect(page.length).toBeLessThanOrEqual(4);

    const seen: number[] = [];
    for (;;) {
      const next = await subject.store.read(room, seen.length, 3, 2_500);
      if (next.length === 0) break;
      seen.push(...next.map((entry) => entry.seq));
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });
}
