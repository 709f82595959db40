/** `chat passwd` with the real programs: without a server, and with `kill -9` before, in and after each change of a file. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectProfile, listProfiles } from '@chat/client/node';
import { codeOf } from '@chat/protocol';
import { isFullRun, longTest, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { commandsOf } from '../support/chat-command.ts';
import { withoutSettings } from '../support/environment.ts';
import { killedAtCall } from '../support/kill-at-call.ts';
import { ServerProcess } from '../support/server-process.ts';

const main = join(import.meta.dirname, '../../apps/cli/dist/main.js');
const [before, after] = ['the one before', 'the one after'];

/** Runs `chat passwd`, and kills it at a call that changes a file. */
const passwd = (home: string, killAt = 0) =>
  startChild(process.execPath, [main, 'passwd'], {
    env: {
      ...withoutSettings(),
      ...{ CHAT_HOME: home, CHAT_USER: 'alice', CHAT_PASSWORD: before, CHAT_NEW_PASSWORD: after },
      ...killedAtCall(killAt),
    },
  }).ended;

/** Returns which of the two passwords opens the profile, and that its room is there. */
async function opened(home: string): Promise<readonly string[]> {
  const [profile] = await listProfiles(home);
  if (profile === undefined) throw new Error('no profile');
  const rooms = await Promise.all(
    [before, after].map(async (password) => {
      const state = await inspectProfile(profile, password).catch((error: unknown) => codeOf(error));
      return state instanceof Object ? String(Object.values(state.rooms).map(({ name }) => name)) : String(state);
    }),
  );
  return rooms;
}

longTest(
  'works while the server is away, and whenever it is killed one of the two passwords opens all of the profile',
  async () => {
    const folder = temporaryFolder().path;
    const enrolled = join(folder, 'enrolled');
    const data = join(folder, 'server');
    const server = await ServerProcess.start(data);
    expect(await commandsOf(enrolled, 'alice', before)(['enrol', server.text])).toMatchObject({ code: 0 });
    expect(await commandsOf(enrolled, 'alice', before)(['create', 'lobby'])).toMatchObject({ code: 0 });
    const { ports } = server;
    await server[Symbol.asyncDispose]();

    const outcomes: (readonly string[])[] = [];
    const [unchanged, changed] = [
      ['lobby', 'wrong-password'],
      ['wrong-password', 'lobby'],
    ];
    // In a user's run every second call, in the full run all: with every third one a single kill is behind the decision.
    const stride = isFullRun ? 1 : 2;
    for (let killAt = 1; ; killAt += stride) {
      const home = join(folder, `killed-${killAt}`);
      await cp(enrolled, home, { recursive: true });
      const { signal, code, err } = await passwd(home, killAt);
      outcomes.push(await opened(home));
      if (signal === null) {
        expect([code, err]).toEqual([0, '']);
        break;
      }
      expect(signal).toBe('SIGKILL');
    }
    const first = outcomes.findIndex(([old]) => old === 'wrong-password');
    expect(outcomes).toEqual([
      ...Array<string[]>(first).fill(unchanged),
      ...Array<string[]>(outcomes.length - first).fill(changed),
    ]);
    expect([first, outcomes.length - first].every((count) => count > 1)).toBe(true);

    // The first start after a kill right behind the decision finishes what was left.
    await using again = await ServerProcess.start(data, ports);
    const home = join(folder, `killed-${1 + first * stride}`);
    expect(await commandsOf(home, 'alice', after)(['rooms'])).toMatchObject({ code: 0, err: '' });
    const [name = ''] = await readdir(home);
    expect((await readdir(join(home, name))).filter((each) => /rekeyed|\.new$/.test(each))).toEqual([]);
    expect(again.ports).toEqual(ports);
  },
);

test('refuses a profile that is open in another process, with a sentence, and leaves it as it is', async () => {
  const folder = temporaryFolder().path;
  await using server = await ServerProcess.start(join(folder, 'server'));
  const home = join(folder, 'home');
  const alice = commandsOf(home, 'alice', before);
  expect(await alice(['enrol', server.text])).toMatchObject({ code: 0 });
  expect(await alice(['create', 'lobby'])).toMatchObject({ code: 0 });
  const [name = ''] = await readdir(home);
  const key = () => readFile(join(home, name, 'identity.pem'), 'utf8');
  const pem = await key();
  const tail = alice(['tail', 'lobby', '--json']);
  await tail.prints(/"caught-up"/);
  const { code, err } = await passwd(home);
  expect([code, await key()]).toEqual([1, pem]);
  expect(err).toMatch(/in use on this machine: quit all windows and scripts/);
  tail.stop();
  await tail;
});
