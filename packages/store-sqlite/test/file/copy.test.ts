/** Copies of a store that is in use. */
import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { copyBytes, copySqliteStore, openSqliteStore } from '../../src/index.ts';
import { entryAt, roomId } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

const headOf = async (path: string): Promise<number | undefined> => {
  const store = await openSqliteStore(path, { readOnly: true });
  try {
    expect(await store.integrity()).toEqual([]);
    return (await store.load(roomId(1)))?.head;
  } finally {
    await store.close();
  }
};

test('a copy is the store at the moment that was chosen, while the store goes on', async () => {
  const [path, to] = [temporaryFile(), `${temporaryFile()}.copy`];
  const store = await openSqliteStore(path);
  // More than two steps, so that entries are written between them.
  for (let seq = 1; seq <= 30; seq++) await store.append(entryAt(1, seq, 60_000));
  let written = 30;
  let steps = 0;
  const appended: Promise<void>[] = [];
  const append = () => {
    written += 1;
    appended.push(store.append(entryAt(1, written)));
    return appended.at(-1);
  };
  await copySqliteStore(path, to, {
    // After the moment: it is not in the copy, and nothing waits for the copy.
    chosen: async () => append(),
    step: () => {
      steps += 1;
      append();
    },
  });
  await Promise.all(appended);
  expect(steps).toBeGreaterThan(1);
  expect((await store.load(roomId(1)))?.head).toBe(written);
  await store.close();
  expect(await headOf(to)).toBe(30);
  if (process.platform !== 'win32') expect(statSync(to).mode & 0o777).toBe(0o600);
});

test('the copy of a store that no program uses has what stands in its log, and changes nothing', async () => {
  const [path, to] = [temporaryFile(), `${temporaryFile()}.copy`];
  const store = await openSqliteStore(path);
  await store.append(entryAt(1, 1));
  expect(copyBytes(path)).toBeGreaterThan(statSync(path).size);
  await copySqliteStore(path, to);
  await store.close();
  const before = statSync(path);
  await copySqliteStore(path, `${to}.2`);
  expect(statSync(path)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs });
  expect(await headOf(to)).toBe(1);
  expect(await headOf(`${to}.2`)).toBe(1);
});

test('refuses what is no store, and a place where it cannot write', async () => {
  const [path, to] = [temporaryFile(), temporaryFile()];
  expect(await rejectedCode(copySqliteStore(path, to))).toBe('store-missing');
  expect(existsSync(to)).toBe(false);
  await writeFile(path, 'no database, whatever its name says, but long enough to look like one: '.repeat(9));
  expect(await rejectedCode(copySqliteStore(path, to))).toBe('store-damaged');
  const store = await openSqliteStore(`${path}.sound`);
  await store.append(entryAt(1, 1));
  expect(await rejectedCode(copySqliteStore(`${path}.sound`, `${to}/none/copy`))).toBe('store-unavailable');
  await store.close();
});
