/** The password of a profile: whatever moment a crash comes at, one of the two opens all of it, and the one before opens nothing else. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSerializedKeys, needsRehash } from '@chat/signatures';
import { isFullRun, rejectedCode, temporaryFolder } from '@chat/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** What every change of a file does beside itself. */
const steps = vi.hoisted(() => ({ before: async (_path: string, _text: string | null): Promise<void> => {} }));

vi.mock('@chat/durable-files', async (original) => {
  const files = await original<typeof import('@chat/durable-files')>();
  return {
    ...files,
    writeAtomically: async (path: string, text: string) => {
      await steps.before(path, text);
      await files.writeAtomically(path, text);
    },
    renameSynced: async (from: string, to: string) => {
      await steps.before(to, null);
      await files.renameSynced(from, to);
    },
    removeSynced: async (directory: string, names: readonly string[]) => {
      for (const name of names) {
        await steps.before(join(directory, name), null);
        await files.removeSynced(directory, [name]);
      }
    },
  };
});

vi.mock('@chat/signatures', async (original) => {
  const { withOneDerivation } = await import('./one-derivation.ts');
  return withOneDerivation(await original());
});

import { changeProfilePassword, inspectProfile, openProfile, type ProfileSummary } from '../../../src/node/index.ts';
import { pendingRenewal } from '../../../src/node/profile-key.ts';
import { profilePaths } from '../../../src/node/profile-paths.ts';
import type { Stored } from '../../../src/storage/stored-state.ts';
import { bareProfile, openedWith } from '../../support/bare-profile.ts';
import { digestOf, largeState } from '../../support/large-state.ts';

const [before, after] = ['the one before', 'the one after'];
const state = largeState(350);
let home: string;

beforeEach(() => {
  home = temporaryFolder().path;
});
afterEach(() => {
  steps.before = async () => {};
});

const create = (isCheap = false) => bareProfile({ home, user: 'bob', password: before, stored: state, isCheap });
const change = (profile: ProfileSummary) => changeProfilePassword(profile, before, async () => after);
/** Opening and closing a profile stores this unchanged. */
const keptOf = ({ pins, rooms, seenPrekeys }: Stored): string => {
  const states = Object.fromEntries(
    Object.entries(rooms).map(([roomId, { state: of, name }]) => [roomId, { of, name }]),
  );
  return digestOf({ pins, rooms: states, seenPrekeys } as unknown as Stored);
};
const fail = (path: string, code: string) => async (target: string) => {
  if (target === path) throw Object.assign(new Error(code), { code });
};

test('is another one afterwards, and the one before opens nothing that is on the disk', async () => {
  const profile = await create();
  const pem = await readFile(profilePaths(profile.directory).identity, 'utf8');
  expect((await openedWith(before, profile)).length).toBeGreaterThan(5);
  await writeFile(join(profile.directory, 'identity.next.pem.new'), pem);
  await change(profile);
  expect(await openedWith(before, profile, [pem])).toEqual([]);
  expect(await rejectedCode(inspectProfile(profile, before))).toBe('wrong-password');
  expect(digestOf(await inspectProfile(profile, after))).toBe(digestOf(state));
  expect((await readdir(profile.directory)).sort()).toEqual([
    ...['ca.pem', 'identity.pem', 'parts', 'profile.json', 'profile.lock', 'state.sealed'],
  ]);
});

test('opens all of the profile with one of the two whenever a crash comes, and leaves nothing of the other', async () => {
  const profile = await create();
  const paths = profilePaths(profile.directory);
  await writeFile(paths.nextIdentity, createSerializedKeys(before).privatePem);
  const { signer } = (await pendingRenewal(profile.directory, before)) ?? {};
  const pem = await readFile(paths.identity, 'utf8');
  const copies: ProfileSummary[] = [];
  const copy = async () => {
    const directory = join(temporaryFolder().path, 'copy');
    await cp(profile.directory, directory, { recursive: true });
    copies.push({ ...profile, directory });
  };
  let parts = 0;
  steps.before = async (target, text) => {
    // The folder of parts is the subject of other tests: two of its files stand for all.
    if (target.includes('/parts/') && ++parts % 6 !== 1) return;
    await copy();
    if (text === null) return;
    for (const length of isFullRun ? [text.length >> 1, text.length] : [text.length >> 1]) {
      await writeFile(`${target}.new`, text.slice(0, length));
      await copy();
    }
  };
  await change(profile);
  await copy();
  steps.before = async () => {};
  expect(copies.length).toBeGreaterThan(isFullRun ? 12 : 8);

  const opened: boolean[] = [];
  for (const copied of copies) {
    const now = await inspectProfile(copied, after).then(
      () => true,
      () => false,
    );
    opened.push(now);
    const [valid, other] = now ? [after, before] : [before, after];
    expect(await rejectedCode(inspectProfile(copied, other))).toBe('wrong-password');
    expect(keptOf(await inspectProfile(copied, valid))).toBe(keptOf(state));
    await (await openProfile(copied, valid)).close();
    expect(keptOf(await inspectProfile(copied, valid))).toBe(keptOf(state));
    // The key of the renewal has moved with the rest.
    expect((await pendingRenewal(copied.directory, valid))?.signer.fingerprint).toBe(signer?.fingerprint);
    const names = await readdir(copied.directory);
    expect(names.filter((name) => /rekeyed|\.new$/.test(name))).toEqual([]);
    if (now) expect(await openedWith(before, copied, [pem])).toEqual([]);
  }
  const changed = opened.indexOf(true);
  expect(changed).toBeGreaterThan(4);
  expect(opened.slice(changed).every(Boolean)).toBe(true);
  expect(opened.length - changed).toBeGreaterThan(3);
});

test('stays as it is when the disk fails, and the next change goes through', async () => {
  const profile = await create();
  const { identity, rekeyedState } = profilePaths(profile.directory);
  for (const failing of [rekeyedState, identity]) {
    steps.before = fail(failing, 'ENOSPC');
    expect(await rejectedCode(change(profile))).toBe('ENOSPC');
    steps.before = async () => {};
    expect(digestOf(await inspectProfile(profile, before))).toBe(digestOf(state));
  }
  await change(profile);
  expect(await openedWith(before, profile)).toEqual([]);
});

test('is not asked for when the profile is open elsewhere or the one before is wrong', async () => {
  const profile = await create();
  const never = async () => {
    throw new Error('asked');
  };
  expect(await rejectedCode(changeProfilePassword(profile, 'no', never))).toBe('wrong-password');
  const client = await openProfile(profile, before);
  expect(await rejectedCode(changeProfilePassword(profile, before, never))).toBe('profile-in-use');
  await client.close();
  await expect(changeProfilePassword(profile, before, never)).rejects.toThrow('asked');
  await change(profile);
});

test('of a profile at a lower cost gets the present one at the next opening, unless that cannot be stored', async () => {
  const profile = await create(true);
  const { identity, rekeyedState } = profilePaths(profile.directory);
  const isCheap = async () => needsRehash(await readFile(identity, 'utf8'));
  const pem = await readFile(identity, 'utf8');
  for (const failing of [rekeyedState, identity]) {
    steps.before = fail(failing, 'EROFS');
    await (await openProfile(profile, before)).close();
    steps.before = async () => {};
    expect(await isCheap()).toBe(true);
  }
  await (await openProfile(profile, before)).close();
  expect(await isCheap()).toBe(false);
  const now = await readFile(identity, 'utf8');
  expect(keptOf(await inspectProfile(profile, before))).toBe(keptOf(state));
  await writeFile(identity, pem);
  expect(await rejectedCode(inspectProfile(profile, before))).toBe('profile-damaged');
  await writeFile(identity, now);
  await (await openProfile(profile, before)).close();
  expect(await readFile(identity, 'utf8')).toBe(now);
});
