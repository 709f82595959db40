/** Backups and restores that are killed at each of their steps, or whose disk is full in their middle. */
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFullRun, longTest, optional, runChild, startChild, temporaryFolder } from '@chat/testkit';
import { beforeAll, expect } from 'vitest';
import { withoutSettings } from '../support/environment.ts';
import { failingDisk } from '../support/failing-disk.ts';
import { killedAtCall, untilWhole } from '../support/kill-at-call.ts';
import { User } from '../support/people.ts';
import { ServerProcess, serverCommand, serverMain } from '../support/server-process.ts';

const folder = temporaryFolder().path;
const data = join(folder, 'data');

/** In a user's run every seventeenth. */
const calls = { first: 1, stride: isFullRun ? 1 : 17 };

const killed = (args: readonly string[], killAt: number) =>
  startChild(process.execPath, [serverMain, ...args], { env: { ...withoutSettings(), ...killedAtCall(killAt) } }).ended;

const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ size }) => size,
    () => null,
  );

beforeAll(async () => {
  const server = await ServerProcess.start(data);
  await using alice = await User.enrol(join(folder, 'alice'), server.line, 'alice');
  await alice.client.createRoom('lobby');
  await server.kill('SIGTERM');
});

longTest(
  'kill -9 at each step of a backup leaves no file under its name or a whole backup, and the next one is made',
  async () => {
    const seen = new Set<string>();
    const last = await untilWhole(calls, async (killAt) => {
      const file = join(folder, `killed-${killAt}`);
      const ended = await killed(['backup', file, '--data', data], killAt);
      const isThere = (await sizeOf(file)) !== null;
      seen.add(isThere ? 'backup' : 'none');
      if (isThere) {
        const target = join(folder, `of-${killAt}`);
        expect(await serverCommand(['restore', file, '--data', target])).toMatchObject({ code: 0, err: '' });
      } else {
        // The one that was killed neither holds a lock nor has left anything in the way of the next one.
        expect(await serverCommand(['backup', file, '--data', data])).toMatchObject({ code: 0, err: '' });
        await rm(file);
      }
      return ended;
    });
    expect([...seen].sort()).toEqual(['backup', 'none']);
    // A kill between the two names of a whole backup leaves both, and never a copy of the store.
    const left = (await readdir(folder)).filter((name) => name.includes('.new'));
    for (const name of left) {
      expect(name).toMatch(/\.new$/);
      expect(await sizeOf(join(folder, name))).toBe(
        await sizeOf(join(folder, name.replace(/\.[0-9a-f]{8}\.new$/, ''))),
      );
    }
    expect(await serverCommand(['check', '--data', data])).toMatchObject({ code: 0 });
    await rm(join(folder, `killed-${last}`), { force: true });
  },
);

longTest(
  'kill -9 at each step of a restore leaves no server or a whole one, and the next restore is complete',
  async () => {
    const file = join(folder, 'to-restore');
    expect(await serverCommand(['backup', file, '--data', data])).toMatchObject({ code: 0 });
    await untilWhole(calls, async (killAt) => {
      const target = join(folder, `restored-${killAt}`);
      const ended = await killed(['restore', file, '--data', target], killAt);
      const names = await readdir(target).catch((): string[] => []);
      const isWhole = names.includes('server.json') && !names.includes('restoring');
      if (!isWhole) {
        if (names.includes('restoring')) {
          const started = await serverCommand(['start', '--data', target, '--enrol-port', '0', '--chat-port', '0']);
          expect(started.err).toContain('was cut off');
        }
        expect(await serverCommand(['restore', file, '--data', target])).toMatchObject({ code: 0, err: '' });
      }
      const checked = await serverCommand(['check', '--json', '--data', target]);
      expect(JSON.parse(checked.out)).toMatchObject({ rooms: 1, accounts: 1, faults: [], warnings: [] });
      return ended;
    });
  },
);

optional('a C compiler', ['cc', '--version'])('on a disk that is full in the middle', () => {
  longTest('a backup and a restore say so, and leave nothing under their names', async () => {
    const { full, environment } = await failingDisk(folder);
    const run = (...args: string[]) =>
      runChild(process.execPath, [serverMain, ...args], { env: { ...withoutSettings(), ...environment } });
    const file = join(folder, 'on-full-disk');
    for (const bytes of ['0', '5000', '150000']) {
      await writeFile(full, bytes);
      const made = await run('backup', file, '--data', data);
      expect(made, bytes).toMatchObject({ code: 1, err: expect.stringMatching(/disk/) });
      expect(await sizeOf(file), bytes).toBeNull();
      await rm(full);
    }
    expect(await run('backup', file, '--data', data)).toMatchObject({ code: 0, err: '' });
    const target = join(folder, 'target-of-full');
    await writeFile(full, '100000');
    expect(await run('restore', file, '--data', target)).toMatchObject({ code: 1, err: expect.stringMatching(/disk/) });
    await rm(full);
    expect((await readdir(target)).filter((name) => name !== 'server.lock')).toEqual([]);
    expect(await run('restore', file, '--data', target)).toMatchObject({ code: 0, err: '' });
  });
});
