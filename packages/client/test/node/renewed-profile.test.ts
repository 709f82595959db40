/** The files of a large profile while its identity key is renewed: whatever moment a crash comes at, one state opens, under one key. */
import { hkdfSync } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fernet } from '@chat/fernet';
import { codeOf } from '@chat/protocol';
import { isFullRun, rejectedCode, temporaryFolder } from '@chat/testkit';
import { afterEach, expect, test, vi } from 'vitest';

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

/** Opens each key file once: the copies of a profile have the same ones, and the derivation from the password is slow by design. */
vi.mock('@chat/signatures', async (original) => {
  const signatures = await original<typeof import('@chat/signatures')>();
  const opened = new Map<string, ReturnType<typeof signatures.unlockKeyFile>>();
  const unlockKeyFile: typeof signatures.unlockKeyFile = (pem, password) => {
    const key = `${password} ${pem}`;
    const unlocked = opened.get(key) ?? signatures.unlockKeyFile(pem, password);
    opened.set(key, unlocked);
    return unlocked;
  };
  return { ...signatures, unlockKeyFile };
});

import { inspectProfile, listProfiles, openProfile, type ProfileSummary, renewIdentity } from '../../src/node/index.ts';
import { profilePaths } from '../../src/node/profile-paths.ts';
import { openSealedFile } from '../../src/node/sealed-file.ts';
import type { Stored } from '../../src/storage/stored-state.ts';
import { digestOf, fingerprintAt, largeState, linkSecret } from '../support/large-state.ts';
import { password, TestNetwork } from '../support/test-network.ts';

afterEach(() => {
  steps.before = async () => {};
});

/** What a renewal takes over from the state before. */
const keptOf = ({ pins, rooms, seenPrekeys }: Stored, user: string): string => {
  const others = Object.entries(JSON.parse(JSON.stringify(pins))).filter(([of]) => of !== user);
  const kept = Object.fromEntries(Object.entries(rooms).map(([roomId, { state, name }]) => [roomId, { state, name }]));
  return digestOf({ pins: Object.fromEntries(others), rooms: kept, seenPrekeys } as unknown as Stored);
};

/** Enrols a user, and gives the profile a state that is stored in parts. */
async function largeProfile(network: TestNetwork, user: string) {
  const { client } = await network.enrol(user);
  await client.close();
  const profile = (await listProfiles(network.home)).find((each) => each.user === user);
  if (profile === undefined) throw new Error('no profile');
  const secret = await network.secretOf(user);
  const { state } = profilePaths(profile.directory);
  const { vault, stored } = await openSealedFile(state, { secret, password });
  await vault.save({ ...largeState(350), certified: stored.certified });
  const pem = await readFile(profilePaths(profile.directory).identity, 'utf8');
  return { profile, secret, pem, fingerprint: client.fingerprint };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Returns the names of the files that this secret decrypts, without the rooms' archive. */
async function openedBy(secret: Uint8Array, folder: string): Promise<readonly string[]> {
  const keys = ['chat/1 state', 'chat/1 state part'].map(
    (purpose) => new Fernet(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), purpose, 32))),
  );
  const opened: string[] = [];
  for (const path of await filesIn(folder)) {
    const text = await readFile(path, 'utf8');
    const token = text.startsWith('{') ? String(JSON.parse(text).token) : text;
    const isOpen = keys.some((key) => {
      try {
        return key.decryptText(token) !== '';
      } catch {
        return false;
      }
    });
    if (isOpen) opened.push(basename(path));
  }
  return opened;
}

const leftOf = async (pem: string, folder: string): Promise<readonly string[]> => {
  const texts = await Promise.all((await filesIn(folder)).map((path) => readFile(path, 'utf8')));
  return texts.filter((text) => text.includes(pem.trim()));
};

const namesIn = async (directory: string): Promise<readonly string[]> => (await readdir(directory)).sort();

test('leaves nothing that the key before opens, nor that key, before it resolves', async () => {
  await using network = await TestNetwork.start();
  const { profile, secret, pem } = await largeProfile(network, 'bob');
  expect((await openedBy(secret, profile.directory)).length).toBeGreaterThan(5);
  const before = await inspectProfile(profile, password);
  const kept = keptOf(before, 'bob');
  const client = await renewIdentity(profile, password);
  expect(await openedBy(secret, profile.directory)).toEqual([]);
  expect(await leftOf(pem, profile.directory)).toEqual([]);
  await client.close();
  const after = await inspectProfile(profile, password);
  expect(keptOf(after, 'bob')).toBe(kept);
  expect(JSON.stringify(after)).not.toContain(linkSecret(fingerprintAt(1), 0));
  expect((await readdir(join(profile.directory, 'parts'))).length).toBeGreaterThan(3);
});

test('opens with one key and all of the state whenever a crash comes, and the next save leaves nothing of the key before', async () => {
  await using network = await TestNetwork.start();
  const { profile, secret, pem, fingerprint: old } = await largeProfile(network, 'bob');
  const kept = keptOf(await inspectProfile(profile, password), 'bob');
  const copies: ProfileSummary[] = [];
  const copy = async () => {
    const directory = join(temporaryFolder().path, 'copy');
    await cp(profile.directory, directory, { recursive: true });
    copies.push({ ...profile, directory });
  };
  let parts = 0;
  steps.before = async (target, text) => {
    // In a user's run a few of the parts stand for all.
    if (!isFullRun && target.includes('/parts/') && ++parts % 6 !== 1) return;
    await copy();
    if (text === null) return;
    // A write that was interrupted in its middle.
    await writeFile(`${target}.new`, text.slice(0, text.length >> 1));
    await copy();
  };
  const renewed = await renewIdentity(profile, password);
  steps.before = async () => {};
  await renewed.close();
  const { fingerprint } = renewed;
  expect(copies.length).toBeGreaterThan(isFullRun ? 20 : 8);

  const keys: string[] = [];
  for (const copied of copies) {
    const seen = await namesIn(copied.directory);
    // A look at a profile without its lock changes nothing.
    expect(keptOf(await inspectProfile(copied, password), 'bob')).toBe(kept);
    expect(await namesIn(copied.directory)).toEqual(seen);
    const opened = await openProfile(copied, password);
    keys.push(opened.fingerprint);
    if (seen.includes('state.next.sealed')) expect(await openedBy(secret, copied.directory)).toEqual([]);
    await opened.close();
    expect(keptOf(await inspectProfile(copied, password), 'bob')).toBe(kept);
    if (opened.fingerprint === old) continue;
    expect(await openedBy(secret, copied.directory)).toEqual([]);
    expect(await leftOf(pem, copied.directory)).toEqual([]);
    const names = await namesIn(copied.directory);
    expect(names.filter((name) => /^(identity|state)\.next\.(pem|sealed)$/.test(name))).toEqual([]);
  }
  // Before the new key was on the disk there was no renewal to go on with.
  const begun = keys.indexOf(fingerprint);
  expect(begun).toBe(2);
  expect(keys.slice(0, begun)).toEqual([old, old]);
  expect(keys.slice(begun)).toEqual(Array(keys.length - begun).fill(fingerprint));
});

test('opens with the key before while the server does not answer, and that one leaves the renewal whole', async () => {
  await using network = await TestNetwork.start();
  const { profile, secret, fingerprint: old } = await largeProfile(network, 'bob');
  const kept = keptOf(await inspectProfile(profile, password), 'bob');
  // The disk fails between the two states: the server has the new key, the profile does not.
  steps.before = async (target) => {
    if (target === profilePaths(profile.directory).identity) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  expect(await rejectedCode(renewIdentity(profile, password))).toBe('EIO');
  steps.before = async () => {};
  await network.restart(async () => {
    const offline = await openProfile(profile, password);
    expect([offline.fingerprint, offline.begunRenewal]).toEqual([old, 'unfinished']);
    await offline.close();
    expect((await openedBy(secret, profile.directory)).length).toBeGreaterThan(5);
  });
  const finished = await openProfile(profile, password);
  expect(finished.fingerprint).not.toBe(old);
  expect(finished.begunRenewal).toBe('finished');
  await finished.close();
  expect(keptOf(await inspectProfile(profile, password), 'bob')).toBe(kept);
  expect(await openedBy(secret, profile.directory)).toEqual([]);
  const again = await openProfile(profile, password);
  expect(again.begunRenewal).toBeNull();
  await again.close();
});

test('stores nothing with the key before once the server has the new one and the disk fails', async () => {
  await using network = await TestNetwork.start();
  const { profile } = await largeProfile(network, 'bob');
  const { state, identity } = profilePaths(profile.directory);
  for (const failing of [identity, state]) {
    steps.before = async (target) => {
      if (target === failing) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    const error = await renewIdentity(profile, password).catch((reason: unknown) => reason);
    expect(codeOf(error)).toBe('EIO');
    expect(await rejectedCode(openProfile(profile, password))).toBe('EIO');
  }
  steps.before = async () => {};
  const opened = await openProfile(profile, password);
  expect(opened.room('plaza')?.members).toHaveLength(350);
  await opened.close();
});
