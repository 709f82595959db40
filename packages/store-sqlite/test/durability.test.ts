/** What was acknowledged is there after a kill at any moment: no gap, nothing twice, nothing changed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { entryAt, roomId } from './entry.ts';
import { temporaryFile } from './temporary-file.ts';

const appender = fileURLToPath(new URL('./appender.ts', import.meta.url));
const start = (path: string): ChildProcess =>
  spawn(process.execPath, ['--conditions=@chat/source', '--disable-warning=ExperimentalWarning', appender, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Lets a new process append until it has printed so many lines, kills it, and returns the last position per room. */
async function appendUntilKilled(path: string, lines: number): Promise<Map<number, number>> {
  const child = start(path);
  const acknowledged = new Map<number, number>();
  if (child.stdout === null) throw new Error('The child has no output.');
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [room, seq] = line.split(' ').map(Number);
    if (room !== undefined && seq !== undefined) acknowledged.set(room, seq);
    // Lines that were printed before the kill are still read after it.
    if (++seen === lines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

test('kill -9 loses nothing that was acknowledged', async () => {
  const path = temporaryFile();
  for (let round = 0; round < 6; round++) {
    const acknowledged = await appendUntilKilled(path, 1 + Math.floor(Math.random() * 400));
    const store = await openSqliteStore(path, { create: false });
    for (const [room, last] of acknowledged) {
      const log = await store.read(roomId(room), 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      expect(log.length).toBeGreaterThanOrEqual(last);
      expect((await store.load(roomId(room)))?.head).toBe(log.length);
      const wanted = log.map((_, index) => entryAt(room, index + 1));
      expect(log).toEqual(wanted.map(({ seq, at, hash, entry }) => ({ seq, at, hash, entry })));
      const { cid, at } = entryAt(room, last);
      expect(await store.findAppended('alice', cid)).toEqual({ room: roomId(room), seq: last, at });
    }
    await store.close();
  }
});
