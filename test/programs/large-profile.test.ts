/** A profile in parts on a bad disk: `kill -9` at each change of a file, a disk that is full, and one that takes less than it is given. */
import { hkdfSync } from 'node:crypto';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stored } from '@chat/client';
import { inspectProfile, listProfiles, type ProfileSummary } from '@chat/client/node';
import { Fernet } from '@chat/fernet';
import { codeOf } from '@chat/protocol';
import { unlockKeyFile } from '@chat/signatures';
import { type Ended, isFullRun, longTest, optional, temporaryFolder } from '@chat/testkit';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bareProfile } from '../../packages/client/test/support/bare-profile.ts';
import { digestOf, largeState } from '../../packages/client/test/support/large-state.ts';
import { commandsWith } from '../support/chat-command.ts';
import { failingDisk } from '../support/failing-disk.ts';
import { killedAtCall, untilWhole } from '../support/kill-at-call.ts';

const [password, another] = ['kept in the environment', 'another one'];
const state = largeState(150);
let enrolled: string;

/** What starts and changes of the password leave as it is. */
const keptOf = ({ pins, rooms, seenPrekeys }: Stored): string => {
  const kept = Object.fromEntries(Object.entries(rooms).map(([roomId, { state: of, name }]) => [roomId, { of, name }]));
  return digestOf({ pins, rooms: kept, seenPrekeys } as unknown as Stored);
};

beforeAll(async () => {
  enrolled = join(temporaryFolder().path, 'enrolled');
  await bareProfile({ home: enrolled, user: 'alice', password, stored: state });
});

/** Returns a copy of the profile in a home of its own. */
async function copy(): Promise<string> {
  const home = join(temporaryFolder().path, 'home');
  await cp(enrolled, home, { recursive: true });
  return home;
}

const run = (home: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): PromiseLike<Ended> =>
  commandsWith(home, {
    ...{ user: 'alice', password },
    environment: { CHAT_NEW_PASSWORD: another, ...environment },
  })(args);

async function only(home: string): Promise<ProfileSummary> {
  const [profile, ...others] = await listProfiles(home);
  if (profile === undefined || others.length > 0) throw new Error('not one profile');
  return profile;
}

/** Returns what each of the two passwords opens: all of the profile, or why nothing. */
async function opened(home: string): Promise<readonly unknown[]> {
  const profile = await only(home);
  return Promise.all(
    [password, another].map((each) =>
      inspectProfile(profile, each).then(
        (stored) => (keptOf(stored) === keptOf(state) ? 'all' : 'some'),
        (error: unknown) => codeOf(error),
      ),
    ),
  );
}

const [before, after] = [
  ['all', 'wrong-password'],
  ['wrong-password', 'all'],
];

/** Puts all of the state of a profile into one file, as earlier versions did: the next start writes every part. */
async function inOneFile(home: string): Promise<void> {
  const { directory } = await only(home);
  const { secret } = await unlockKeyFile(await readFile(join(directory, 'identity.pem'), 'utf8'), password);
  const key = new Fernet(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'chat/1 state', 32)));
  const token = key.encrypt(`${Buffer.alloc(32, 7).toString('base64url')}\n${JSON.stringify(state)}`);
  await writeFile(join(directory, 'state.sealed'), JSON.stringify({ v: 2, token }));
  await rm(join(directory, 'parts'), { recursive: true });
}

const partsOf = async (home: string): Promise<number> =>
  (await readdir(join((await only(home)).directory, 'parts')).catch(() => [])).length;

describe('kill -9', () => {
  // In a user's run a few of the calls.
  const calls = (first: number) => ({ first, stride: isFullRun ? 1 : 17 });

  longTest('at a step of a change of the password leaves all of the profile to one of the two passwords', async () => {
    const outcomes: (readonly unknown[])[] = [];
    await untilWhole(calls(9), async (killAt) => {
      const home = await copy();
      const ended = await run(home, ['passwd'], killedAtCall(killAt));
      outcomes.push(await opened(home));
      return ended;
    });
    const first = outcomes.findIndex(([old]) => old !== 'all');
    expect(first).toBeGreaterThan(0);
    expect(outcomes).toEqual([
      ...Array<readonly string[]>(first).fill(before),
      ...Array<readonly string[]>(outcomes.length - first).fill(after),
    ]);
  });

  longTest('at a step of the first start that stores the state in parts leaves all of it', async () => {
    const last = await untilWhole(calls(5), async (killAt) => {
      const home = await copy();
      await inOneFile(home);
      const ended = await run(home, ['rooms'], killedAtCall(killAt));
      expect([killAt, await opened(home)]).toEqual([killAt, before]);
      // What was cut off is no obstacle to the next start, which leaves nothing of it.
      if (ended.signal !== null) expect(await run(home, ['rooms'])).toMatchObject({ code: 0 });
      expect([killAt, await opened(home), await partsOf(home)]).toEqual([killAt, before, await partsOf(enrolled)]);
      return ended;
    });
    expect(last).toBeGreaterThan(20);
  });
});

optional('a C compiler', ['cc', '--version'])('on a bad disk', () => {
  let disk: Awaited<ReturnType<typeof failingDisk>>;
  beforeEach(async () => {
    disk = await failingDisk(temporaryFolder().path);
  });

  /** Bytes that fit: none, some of the parts, all but a few. */
  const spaces = async (): Promise<readonly number[]> => {
    const { directory } = await only(enrolled);
    const names = await readdir(join(directory, 'parts'));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, 'parts', name))).size));
    const all = sizes.reduce((sum, size) => sum + size);
    return isFullRun ? [0, 1, 0.1 * all, 0.35 * all, 0.7 * all, all].map(Math.floor) : [Math.floor(0.6 * all)];
  };

  longTest(
    'that is full nothing is lost, no export stands beside an open profile, and nothing half is imported',
    async () => {
      const folder = temporaryFolder().path;
      const whole = join(folder, 'whole.export');
      expect(await run(await copy(), ['export', whole])).toMatchObject({ code: 0, err: '' });
      for (const space of await spaces()) {
        await writeFile(disk.full, String(space));
        const home = await copy();
        const refused = { code: 1, err: expect.stringMatching(/The disk is full/) };
        expect(await run(home, ['passwd'], disk.environment)).toMatchObject(refused);
        expect(await opened(home)).toEqual(before);
        expect(await run(home, ['export', join(folder, 'cut.export')], disk.environment)).toMatchObject(refused);
        expect(await opened(home)).toEqual(before);
        const fresh = join(folder, `fresh-${space}`);
        expect(await run(fresh, ['import', whole], disk.environment)).toMatchObject(refused);
        expect(await readdir(fresh)).toEqual([]);
        await inOneFile(home);
        await run(home, ['rooms'], disk.environment);
        expect(await opened(home)).toEqual(before);
        await rm(disk.full);
        expect(await run(home, ['rooms'])).toMatchObject({ code: 0 });
        expect(await run(home, ['passwd'])).toMatchObject({ code: 0 });
        expect(await opened(home)).toEqual(after);
      }
      expect(await readdir(folder)).not.toContainEqual(expect.stringMatching(/cut|\.new$/));
    },
  );

  test('that takes half of each write a profile is stored, exported and imported whole', async () => {
    await writeFile(disk.short, '');
    const folder = temporaryFolder().path;
    const home = await copy();
    await inOneFile(home);
    expect(await run(home, ['rooms'], disk.environment)).toMatchObject({ code: 0 });
    expect(await opened(home)).toEqual(before);
    const file = join(folder, 'half.export');
    expect(await run(home, ['export', file], disk.environment)).toMatchObject({ code: 0, err: '' });
    const fresh = join(folder, 'fresh');
    expect(await run(fresh, ['import', file], disk.environment)).toMatchObject({ code: 0 });
    expect(await opened(fresh)).toEqual(before);
    expect(await run(fresh, ['passwd'], disk.environment)).toMatchObject({ code: 0, err: '' });
    expect(await opened(fresh)).toEqual(after);
  });
});
