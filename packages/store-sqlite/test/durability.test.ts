/** Acknowledged writes survive a kill at any time: without a gap, once, and unchanged. */
import { fileURLToPath } from 'node:url';
import { isFullRun, startChild } from '@chat/testkit';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { account, entryAt, knockBounds, prekeyAt, roomId } from './support/entry.ts';
import { temporaryFile } from './support/temporary-file.ts';

const appender = fileURLToPath(new URL('./support/appender.ts', import.meta.url));

/** Lets a new process write until it has printed `lines` lines, kills it, and returns the last number of each kind. */
async function writeUntilKilled(path: string, lines: number): Promise<Map<string, number>> {
  const flags = ['--conditions=@chat/source', '--disable-warning=ExperimentalWarning'];
  const child = startChild(process.execPath, [...flags, appender, path]);
  const acknowledged = new Map<string, number>();
  let seen = 0;
  for await (const line of child.lines()) {
    const [kind, number] = line.split(' ');
    if (kind !== undefined && number !== undefined) acknowledged.set(kind, Number(number));
    // Lines that were printed before the kill are still read after it.
    if (++seen === lines) void child.kill('SIGKILL');
  }
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL', err: '' });
  return acknowledged;
}

test('keeps everything that it has acknowledged before a kill', async () => {
  const path = temporaryFile();
  for (let round = 0; round < (isFullRun ? 6 : 2); round++) {
    const acknowledged = await writeUntilKilled(path, 1 + Math.floor(Math.random() * 400));
    const store = await openSqliteStore(path, { create: false });
    for (const room of [1, 2]) {
      const last = acknowledged.get(String(room));
      if (last === undefined) continue;
      const log = await store.read(roomId(room), 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      expect(log.length).toBeGreaterThanOrEqual(last);
      expect((await store.load(roomId(room)))?.head).toBe(log.length);
      const wanted = log.map((_, index) => entryAt(room, index + 1));
      expect(await store.logHashes(roomId(room), 0)).toEqual(wanted.map(({ logHash }) => logHash));
      expect(log).toEqual(wanted.map(({ seq, at, hash, logHash, entry }) => ({ seq, at, hash, logHash, entry })));
      const { cid, at } = entryAt(room, last);
      expect(await store.findAppended('alice', cid)).toEqual({ room: roomId(room), seq: last, at });
    }
    const [prekey] = await store.findPrekeys([account.user]);
    expect(prekey?.madeAt ?? 0).toBeGreaterThanOrEqual(acknowledged.get('prekey') ?? 0);
    if (prekey !== undefined) expect(prekey).toMatchObject(prekeyAt(prekey.madeAt));
    const [knock] = await store.knocksAt(roomId(1), knockBounds);
    const knocked = knock === undefined ? 0 : JSON.parse(knock.payload).at;
    expect(knocked).toBeGreaterThanOrEqual(acknowledged.get('knock') ?? 0);
    await store.close();
  }
});
