/** Crashes: whatever moment they come at, the state and the files have each message once, and nothing else is left. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SegmentFiles, StoredMessages } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { isFullRun, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { messages, seqsOf, stored, storeWith } from '../support/store.ts';

test('opens with all messages whatever moment a crash comes at, and leaves no file that is not used', async () => {
  const { path } = temporaryFolder();
  const inner = openSegmentFolder(path);
  const moments: { readonly state: StoredMessages; readonly count: number; readonly files: Map<string, Buffer> }[] = [];
  let disk: StoredMessages | null = null;
  let onDisk = 0;
  const remember = async (cut?: string, thirds = 3) => {
    if (disk === null) return;
    const files = new Map<string, Buffer>();
    for (const name of await readdir(path)) {
      const bytes = await readFile(join(path, name));
      files.set(name, name === cut ? bytes.subarray(0, Math.floor((bytes.length * thirds) / 3)) : bytes);
    }
    moments.push({ state: disk, count: onDisk, files });
  };
  const watched: SegmentFiles = {
    ...inner,
    write: async (key, blocks) => {
      await remember();
      await inner.write(key, blocks);
      await remember();
      // A crash in the middle of the write leaves a part of the file, at any length.
      for (const thirds of isFullRun ? [0, 1, 2] : [1]) await remember(key.file, thirds);
    },
    removeOthers: async (isKept) => {
      await remember();
      await inner.removeOthers(isKept);
      await remember();
    },
  };
  const store = storeWith({ files: watched });
  for (let round = 0; round < 12; round += 1) {
    store.add('red', messages(round * 10 + 1, round * 10 + 10));
    await store.flush();
    const { changes } = store;
    disk = store.stored;
    onDisk = (round + 1) * 10;
    await store.wasStored(changes);
    await store.tend();
  }
  expect(store.stored.segments.length).toBeLessThan(8);
  expect(moments.length).toBeGreaterThan(24);
  for (const { state, count, files } of moments) {
    const after = temporaryFolder();
    for (const [name, bytes] of files) await writeFile(join(after.path, name), bytes);
    const opened = storeWith({ files: openSegmentFolder(after.path), stored: state });
    expect(await opened.page('red', { limit: 1000 })).toHaveLength(count);
    await stored(opened);
    expect(await readdir(after.path)).toHaveLength(opened.stored.segments.length);
  }
});

/** What the program under `kill -9` stores: the state, and how many messages of each room it has. */
interface OnDisk {
  readonly messages: StoredMessages;
  readonly red: number;
  readonly blue: number;
}

const program = fileURLToPath(new URL('../support/store-program.ts', import.meta.url));
const killer = new URL('../../../../test/support/killed-at-call.ts', import.meta.url).href;

/** Runs a program that writes a segment, merges, and erases a room. It is killed at a call that changes a file. */
const runKilled = (folder: string, killAt: number) =>
  startChild(process.execPath, ['--conditions=@chat/source', `--import=${killer}`, program, folder], {
    env: { ...process.env, CHAT_KILL_AT_CALL: String(killAt), NODE_NO_WARNINGS: '1' },
  }).ended;

const readState = async (folder: string): Promise<OnDisk> =>
  JSON.parse(await readFile(join(folder, 'state.json'), 'utf8'));

test.skipIf(process.platform === 'win32')(
  'opens with all messages after kill -9 at each call that changes a file, and in the middle of each write',
  async () => {
    const prepared = temporaryFolder().path;
    const files = openSegmentFolder(join(prepared, 'messages'));
    const store = storeWith({ files });
    for (let round = 0; round < 7; round += 1) {
      store.add('red', messages(round * 60 + 1, round * 60 + 60));
      store.add('blue', messages(round * 10 + 1, round * 10 + 10));
      await store.flush();
    }
    const state: OnDisk = { messages: store.stored, red: 420, blue: 70 };
    await writeFile(join(prepared, 'state.json'), JSON.stringify(state));
    const states: string[] = [];
    // In a user's run every eighth call, in the full run all.
    const stride = isFullRun ? 1 : 8;
    for (let killAt = 1; ; killAt += stride) {
      const folder = temporaryFolder().path;
      await cp(prepared, folder, { recursive: true });
      const { signal, code, err } = await runKilled(folder, killAt);
      const { messages: found, red, blue } = await readState(folder);
      states.push(`${red} ${blue}`);
      const opened = storeWith({ files: openSegmentFolder(join(folder, 'messages')), stored: found });
      expect(seqsOf(await opened.page('red', { limit: 1000 }))).toEqual(Array.from({ length: red }, (_, i) => i + 1));
      expect(await opened.page('blue', { limit: 1000 })).toHaveLength(blue);
      await opened.tend();
      await stored(opened);
      const names = opened.stored.segments.map(({ file }) => file);
      expect((await readdir(join(folder, 'messages'))).sort()).toEqual(names.sort());
      if (signal === null) {
        expect([code, err]).toEqual([0, '']);
        break;
      }
      expect(signal).toBe('SIGKILL');
    }
    expect([...new Set(states)]).toEqual(['420 70', '480 80', '480 0']);
  },
);
