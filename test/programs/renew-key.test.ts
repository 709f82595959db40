/** `chat renew-key` with the real programs: what the others read, what is left of the key before, and `kill -9` at each step. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { longTest, onlyInFullRun, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { type Commands, commandsOf, commandsWith, jsonLines } from '../support/chat-command.ts';
import { optionsLoading } from '../support/kill-at-call.ts';
import { ServerProcess } from '../support/server-process.ts';

const password = 'kept in the environment';

const numberOf = async (commands: Commands, user: string): Promise<Record<string, unknown>> =>
  jsonLines(await commands(['verify', user, '--json']))[0] ?? {};

/** Returns the texts of all files below a folder. */
async function textsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(paths.map((path) => readFile(path, 'latin1')));
}

const profileIn = async (home: string, user: string): Promise<string> => {
  const name = (await readdir(home)).find((each) => each.startsWith(`${user}@`));
  return join(home, name ?? 'no profile');
};

longTest(
  'users who have verified a user keep him verified, both go on, and a copy from before is refused',
  async () => {
    const folder = temporaryFolder().path;
    await using server = await ServerProcess.start(join(folder, 'server'));
    const home = (user: string) => join(folder, user);
    const [alice, bob] = ['alice', 'bob'].map((user) => commandsOf(home(user), user, password)) as [Commands, Commands];
    for (const commands of [alice, bob]) expect(await commands(['enrol', server.text])).toMatchObject({ code: 0 });
    expect(await alice(['create', 'lobby'])).toMatchObject({ code: 0 });
    expect(await bob(['join', 'lobby'])).toMatchObject({ code: 0 });
    const before = await numberOf(alice, 'bob');
    expect(await alice(['verify', 'bob', String(before['number'])])).toMatchObject({ code: 0 });
    await cp(home('bob'), home('copy'), { recursive: true });
    const key = await readFile(join(await profileIn(home('bob'), 'bob'), 'identity.pem'), 'utf8');

    const tail = alice(['tail', 'lobby']);
    const renewed = await bob(['renew-key']);
    expect(renewed).toMatchObject({ code: 0, err: '' });
    expect(renewed.out).toMatch(/^Your identity key is renewed, at the server and in all of your rooms/);
    await tail.prints(/!! bob's identity key was renewed\. It is signed by the key that you have verified\./);
    expect(await bob(['send', 'lobby', 'with the new key'])).toMatchObject({ code: 0, err: '' });
    await tail.prints(/bob: with the new key/);
    tail.stop();
    expect((await tail).out).not.toMatch(/key of bob has changed|Only if it is, type/);

    expect(await alice(['send', 'lobby', 'and back'])).toMatchObject({ code: 0, err: '' });
    expect((await bob(['tail', 'lobby', '--no-follow'])).out).toMatch(/alice: and back/);
    const [hers, his] = [await numberOf(alice, 'bob'), await numberOf(bob, 'alice')];
    expect(hers).toMatchObject({ number: his['number'], verified: true });
    expect(hers['number']).not.toBe(before['number']);

    const old = await commandsOf(home('copy'), 'bob', password)(['send', 'lobby', 'let me in']);
    expect(old).toMatchObject({ code: 1, out: '' });
    expect(old.err).toMatch(/^Your identity key was renewed.* If not, another person has your key/);
    const lines = key.split('\n').filter((line) => line.length > 40);
    expect(lines.length).toBeGreaterThan(1);
    for (const text of await textsIn(home('bob'))) for (const line of lines) expect(text).not.toContain(line);
  },
);

/** The steps of a renewal in the files of the profile at which it is killed. The server lets a user renew a few times a day. */
const steps = [
  'after identity.next.pem.new>identity.next.pem',
  'before identity.next.pem>identity.pem',
  'before state.next.sealed>state.sealed',
];
const beforeAll = 'before identity.next.pem.new>identity.next.pem';
const afterAll = 'after state.next.sealed>state.sealed';
const otherSteps = [beforeAll, 'before state.next.sealed.new>state.next.sealed', afterAll];

/** Loads into a program what kills it at `step`. */
const killedAt = (step: string): NodeJS.ProcessEnv => ({
  CHAT_KILL_AT_RENAME: step,
  NODE_OPTIONS: optionsLoading('killed-at-rename.ts'),
});

/** Kills a renewal at each of these steps, and starts the program anew after each. */
async function killAt(killedSteps: readonly string[]): Promise<void> {
  const folder = temporaryFolder().path;
  await using server = await ServerProcess.start(join(folder, 'server'));
  const home = join(folder, 'clients');
  const [alice, bob] = ['alice', 'bob'].map((user) => commandsOf(home, user, password)) as [Commands, Commands];
  for (const commands of [alice, bob]) expect(await commands(['enrol', server.text])).toMatchObject({ code: 0 });
  expect(await alice(['create', 'lobby'])).toMatchObject({ code: 0 });
  expect(await bob(['join', 'lobby'])).toMatchObject({ code: 0 });
  const tail = alice(['tail', 'lobby', '--json']);
  const directory = await profileIn(home, 'bob');

  for (const step of killedSteps) {
    const key = await readFile(join(directory, 'identity.pem'), 'utf8');
    const environment = killedAt(step);
    const killed = await commandsWith(home, { user: 'bob', password, environment })(['renew-key']);
    expect([step, killed.signal, killed.out]).toEqual([step, 'SIGKILL', '']);
    const sent = await bob(['send', 'lobby', `killed ${step}`]);
    expect([step, sent.code]).toEqual([step, 0]);
    // Nothing was begun in the first case, and nothing is left to be finished in the last one.
    const note =
      step === beforeAll || step === afterAll ? /^$/ : /^The renewal of your identity key, which was cut off/;
    expect([step, sent.err]).toEqual([step, expect.stringMatching(note)]);
    await tail.prints(new RegExp(`"killed ${step}"`));
    const left = (await readdir(directory)).filter((name) => /next/.test(name));
    expect([step, left]).toEqual([step, []]);
    const isKept = (await readFile(join(directory, 'identity.pem'), 'utf8')) === key;
    expect([step, isKept]).toEqual([step, step === beforeAll]);
  }
  tail.stop();
  const events = jsonLines(await tail);
  const renewed = events.filter(({ kind }) => kind === 'key-renewed');
  expect(renewed).toHaveLength(killedSteps.filter((step) => step !== beforeAll).length);
  expect(events.filter(({ kind }) => kind === 'violation' || kind === 'identity-changed')).toEqual([]);
  const [hers, his] = [await numberOf(alice, 'bob'), await numberOf(bob, 'alice')];
  expect(hers['number']).toBe(his['number']);
}

longTest('kill -9 at any step leaves one profile, with which the next start finishes what was begun', () =>
  killAt(steps),
);

onlyInFullRun('a renewal of a key that is killed at more steps')('in the full run', () => {
  test('kill -9 at the other steps leaves one profile, too', () => killAt(otherSteps));
});
