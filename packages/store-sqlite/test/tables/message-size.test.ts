/** What a stored message takes in the file, with its indexes. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

test('a message of 256 bytes takes at most 1,200 bytes', async () => {
  const path = temporaryFile();
  const messages = 2_000;
  const store = await openSqliteStore(path);
  // Ids and hashes are random in a real log, so their index has gaps.
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
  const entryOf = (seq: number) => {
    const made = entryAt(1, seq, 612);
    const signature = new Uint8Array(104).fill(seq);
    const own = { hash: hashOf(`${seq}`), logHash: hashOf(`log ${seq}`), cid: hashOf(`cid ${seq}`).slice(0, 32) };
    return { ...made, ...own, entry: { ...made.entry, signature } };
  };
  await store.append(entryOf(1));
  await store.close();
  const empty = statSync(path).size;
  const again = await openSqliteStore(path);
  await Promise.all(Array.from({ length: messages }, (_, index) => again.append(entryOf(index + 2))));
  await again.close();
  expect((statSync(path).size - empty) / messages).toBeLessThanOrEqual(1_200);
});
