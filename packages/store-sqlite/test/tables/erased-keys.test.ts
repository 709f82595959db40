/** Confirmed openings and wraps are gone from the file, not only from the answers. */
import { readFileSync } from 'node:fs';
import type { WrapSheet } from '@chat/server-core';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt, roomId } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

const people = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).repeat(32));
const [alice = '', bob = ''] = people;
const wrapOf = (index: number, epoch: number) => Buffer.from(`wrap ${epoch} of recipient ${index}`.padEnd(60, '.'));
const openingOf = (name: string) => Buffer.alloc(1_138, `opening of ${name} `);
const linkOf = (id: string, to: string) => ({
  from: alice,
  to,
  id: Buffer.from(id.padEnd(8)),
  prekey: Buffer.alloc(8),
  opening: openingOf(id),
});

const sheetOf = (epoch: number): WrapSheet => ({
  place: 0,
  size: people.length,
  recipients: Buffer.from(people.join(''), 'hex'),
  slots: Buffer.concat(people.map((_, index) => wrapOf(index, epoch))),
  waiting: -1,
  above: new Uint8Array(0),
});

test('no byte of a confirmed opening or wrap stays in the file, and those of others stay', async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  await store.append(entryAt(1, 1));
  for (const number of [1, 2]) {
    const epoch = { number, v: 2, hash: 'h'.repeat(64), answers: 1, freshSeq: 2, freshAt: 2 } as const;
    const change = { kind: 'epoch', epoch, sheets: [sheetOf(number)] } as const;
    await store.append({ ...entryAt(1, 1 + number), change });
  }
  await store.putLinks([linkOf('first', bob), linkOf('second', bob), linkOf('third', bob)], { now: 1, waiting: 9 });
  await store.confirmLinks([linkOf('first', bob)]);
  await store.loseLinks([linkOf('second', bob)]);
  await store.confirmWraps([
    { room: roomId(1), recipient: bob, from: 1, to: 1 },
    ...people.slice(2).map((recipient) => ({ room: roomId(1), recipient, from: 2, to: 2 })),
  ]);
  // The last connection copies the write-ahead log into the file.
  await store.close();
  const file = readFileSync(path);
  const has = (bytes: Buffer) => file.includes(bytes);
  expect([has(wrapOf(0, 1)), has(wrapOf(2, 1)), has(openingOf('third'))]).toEqual([true, true, true]);
  expect([has(wrapOf(0, 2)), has(wrapOf(1, 2))]).toEqual([true, true]);
  const erased = [wrapOf(1, 1), ...people.slice(2).map((_, index) => wrapOf(index + 2, 2))];
  for (const wrap of erased) expect(has(wrap)).toBe(false);
  for (const name of ['first', 'second']) expect(has(Buffer.from(`opening of ${name} `))).toBe(false);
});
