/** `chat export`, `import`, `take-back` and `logout` with the real programs, and `kill -9` before each change of a file. */
import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectProfile, listProfiles } from '@chat/client/node';
import { isFullRun, longTest, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { type Commands, commandsOf } from '../support/chat-command.ts';
import { withoutSettings } from '../support/environment.ts';
import { killedAtCall, untilWhole } from '../support/kill-at-call.ts';
import { ServerProcess } from '../support/server-process.ts';

const main = join(import.meta.dirname, '../../apps/cli/dist/main.js');
const password = 'kept in the environment';
const as = (home: string): Commands => commandsOf(home, 'alice', password);

/** Runs a command, and kills it at a call that changes a file. */
const killed = (home: string, args: readonly string[], killAt: number) =>
  startChild(process.execPath, [main, ...args], {
    env: {
      ...withoutSettings(),
      ...{ CHAT_HOME: home, CHAT_USER: 'alice', CHAT_PASSWORD: password },
      ...killedAtCall(killAt),
    },
  }).ended;

/** In a user's run every fourth. */
const calls = { first: 1, stride: isFullRun ? 1 : 4 };

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );

test('a profile moves to another home, is closed at the old one, and the server lets in one of the two', async () => {
  const folder = temporaryFolder().path;
  const [old, fresh, file] = [join(folder, 'old'), join(folder, 'new'), join(folder, 'alice.export')];
  await using server = await ServerProcess.start(join(folder, 'server'));
  expect(await as(old)(['enrol', server.text])).toMatchObject({ code: 0 });
  expect(await as(old)(['create', 'lobby'])).toMatchObject({ code: 0 });
  expect(await as(old)(['send', 'lobby', 'from the old place'])).toMatchObject({ code: 0 });

  const exported = await as(old)(['export', file]);
  expect(exported).toMatchObject({ code: 0, err: '' });
  expect(exported.out).toMatch(/is closed here.*chat import FILE.*chat logout.*chat take-back/s);
  expect(await as(old)(['export', `${file}-2`])).toMatchObject({ code: 1, err: expect.stringContaining(file) });
  const imported = await as(fresh)(['import', file]);
  expect(imported).toMatchObject({ code: 0, err: '' });
  expect(imported.out).toMatch(/is imported.*in use here now, and the server refuses it elsewhere/s);
  expect((await as(fresh)(['tail', 'lobby', '--no-follow'])).out).toContain('from the old place');
  expect(await as(fresh)(['send', 'lobby', 'from the new place'])).toMatchObject({ code: 0, err: '' });

  // The old place opens again only when its user says that the export was never imported, and then the server knows better.
  expect((await as(old)(['send', 'lobby', 'x'])).err).toMatch(/exported to .*alice\.export.*take-back/);
  expect(await as(old)(['take-back'])).toMatchObject({ code: 2, err: expect.stringMatching(/--yes/) });
  expect(await as(old)(['take-back', '--yes'])).toMatchObject({ code: 0 });
  expect((await as(old)(['send', 'lobby', 'x'])).err).toMatch(/copy of this profile|in use elsewhere|used/i);

  // Neither does an export that was imported already come in twice.
  const twice = await as(join(folder, 'third'))(['import', file]);
  expect(twice).toMatchObject({
    code: 1,
    err: expect.stringMatching(/is imported, and the server does not let it in/),
  });
  expect((await as(fresh)(['import', file])).err).toMatch(/a profile of alice .* already/);
  expect((await commandsOf(join(folder, 'fourth'), 'alice', 'another')(['import', file])).err).toMatch(/password/i);

  const erased = await as(old)(['logout', '--yes']);
  expect(erased).toMatchObject({ code: 0, err: '' });
  expect(erased.out).toMatch(/is erased\. The name alice stays taken/);
  expect(await readdir(old)).toEqual([]);
  const refused = await as(fresh)(['logout']);
  expect(refused.code).toBe(2);
  expect(refused.err).toMatch(/You stay a member of your rooms: lobby\..*chat leave ROOM.*confirm with --yes/s);
  expect(await as(fresh)(['send', 'lobby', 'still here'])).toMatchObject({ code: 0, err: '' });
});

longTest(
  'kill -9 at each step of an export, an import and an erasure leaves one profile, or a whole one and none',
  async () => {
    const folder = temporaryFolder().path;
    const enrolled = join(folder, 'enrolled');
    const server = await ServerProcess.start(join(folder, 'server'));
    expect(await as(enrolled)(['enrol', server.text])).toMatchObject({ code: 0 });
    expect(await as(enrolled)(['create', 'lobby'])).toMatchObject({ code: 0 });
    await server[Symbol.asyncDispose]();
    const roomsIn = async (home: string): Promise<string> => {
      const [profile] = await listProfiles(home);
      if (profile === undefined) return 'none';
      return String(Object.values((await inspectProfile(profile, password)).rooms).map(({ name }) => name));
    };
    const isClosed = async (home: string): Promise<boolean> => {
      const [name = ''] = await readdir(home);
      return isThere(join(home, name, 'moved.json'));
    };

    const whole = join(folder, 'whole.export');
    const seen = new Set<string>();
    await untilWhole(calls, async (killAt) => {
      const home = join(folder, `export-${killAt}`);
      const file = join(folder, `${killAt}.export`);
      await cp(enrolled, home, { recursive: true });
      const ended = await killed(home, ['export', file], killAt);
      const [closed, written] = [await isClosed(home), await isThere(file)];
      seen.add(`${closed ? 'closed' : 'open'} ${written ? 'file' : 'none'}`);
      expect(await roomsIn(home)).toBe('lobby');
      if (written) await cp(file, whole);
      if (closed && !written) expect(await as(home)(['take-back', '--yes'])).toMatchObject({ code: 0 });
      return ended;
    });
    // Never an open profile and an export.
    expect([...seen].filter((outcome) => outcome === 'open file')).toEqual([]);
    expect(seen).toContain('open none');
    expect(seen).toContain('closed file');

    await untilWhole(calls, async (killAt) => {
      const home = join(folder, `import-${killAt}`);
      const ended = await killed(home, ['import', whole], killAt);
      expect(['none', 'lobby']).toContain(await roomsIn(home));
      expect((await readdir(home)).filter((name) => name.startsWith('.'))).toEqual([]);
      return ended;
    });

    const last = await untilWhole(calls, async (killAt) => {
      const home = join(folder, `erase-${killAt}`);
      await cp(enrolled, home, { recursive: true });
      const ended = await killed(home, ['logout', '--yes'], killAt);
      expect(['none', 'lobby']).toContain(await roomsIn(home));
      expect((await readdir(home)).filter((name) => name.startsWith('.'))).toEqual([]);
      return ended;
    });
    expect(await roomsIn(join(folder, `erase-${last}`))).toBe('none');
    expect((await readFile(whole)).subarray(0, 14).toString()).toBe('chat export 1\n');
  },
);
