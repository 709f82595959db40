/** What a stored message takes in the file, with its indexes. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rowBytes } from '../../../server-core/src/throttle/stored-bytes.ts';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

/** Payloads of the shortest messages, of those of 256 bytes, and of one of 4,000 bytes. */
test.each([356, 612, 4196])(
  'a message of %i bytes takes no more than the operator’s bound counts for it',
  async (size) => {
    const path = temporaryFile();
    const messages = 2_000;
    const store = await openSqliteStore(path);
    // Ids and hashes are random in a real log, so their index has gaps.
    const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
    const entryOf = (seq: number) => {
      const made = entryAt(1, seq, size);
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
    const beside = (statSync(path).size - empty) / messages - size;
    expect(beside).toBeLessThanOrEqual(rowBytes);
    expect(beside).toBeGreaterThan(rowBytes / 2);
  },
);
