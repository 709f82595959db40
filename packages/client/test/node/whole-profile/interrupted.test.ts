/** Exports, imports and erasures that a disk, a crash or another process interrupts: one place has the profile, and no key is left over. */
import { rmSync } from 'node:fs';
import { cp, type FileHandle, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

type Step = (path: string) => unknown;

/** What the changes of files do beside themselves. */
const steps = vi.hoisted(() => ({
  nothing: (() => undefined) as Step,
  before: (() => undefined) as Step,
  after: (() => undefined) as Step,
  locking: (() => undefined) as (path: string) => void,
}));

vi.mock('@chat/durable-files', async (original) => {
  const files = await original<typeof import('@chat/durable-files')>();
  const around = async (path: string, work: () => Promise<void>) => {
    await steps.before(path);
    await work();
    await steps.after(path);
  };
  return {
    ...files,
    writeAtomically: (path: string, text: string) => around(path, () => files.writeAtomically(path, text)),
    syncDirectory: (path: string) => around(path, () => files.syncDirectory(path)),
    removeSynced: (directory: string, names: readonly string[]) =>
      around(directory, () => files.removeSynced(directory, names)),
    lockFile: (path: string) => {
      steps.locking(path);
      return files.lockFile(path);
    },
  };
});

vi.mock('@chat/signatures', async (original) => {
  const { withOneDerivation } = await import('./one-derivation.ts');
  return withOneDerivation(await original());
});

import {
  eraseProfile,
  exportProfile,
  importProfile,
  inspectProfile,
  listProfiles,
  openProfile,
  type ProfileSummary,
  takeBack,
} from '../../../src/node/index.ts';
import { profilePaths } from '../../../src/node/profile-paths.ts';
import { exportableProfile } from '../../support/bare-profile.ts';
import { digestOf, largeState } from '../../support/large-state.ts';

const password = 'correct horse battery';
const state = largeState(150);
let folder: string;
let profile: ProfileSummary;
let file: string;
let fence: string;

beforeEach(async () => {
  ({ folder, profile, file } = await exportableProfile(password, state));
  fence = profilePaths(profile.directory).fence;
});

afterEach(() => {
  vi.restoreAllMocks();
  [steps.before, steps.after, steps.locking] = [steps.nothing, steps.nothing, () => undefined];
});

const fails =
  (path: string, code: string): Step =>
  (target) => {
    if (target === path) throw Object.assign(new Error(code), { code });
  };

/** Requires that the profile is open, and that there is nothing of an export. */
async function expectNoExport(): Promise<void> {
  expect(await readdir(folder)).toEqual(['old']);
  await (await openProfile(profile, password)).close();
}

/** Returns the path of the draft of an export. */
async function draft(): Promise<string> {
  const name = (await readdir(folder)).find((each) => each.endsWith('.new'));
  return join(folder, name ?? 'no draft');
}

/** Lets the write of the piece with this number, from 1, lose its last byte, as a write does on a full disk that is not repeated. */
async function shortWrite(number: number): Promise<void> {
  const handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { writeFile: whole } = prototype;
  let count = 0;
  vi.spyOn(prototype, 'writeFile').mockImplementation(async function (this: FileHandle, data, ...options) {
    const isCut = data instanceof Uint8Array && ++count === number;
    await whole.call(this, isCut ? data.subarray(0, -1) : data, ...options);
  });
}

test('an export of which the disk has not stored all leaves the profile open and no file', async () => {
  for (const number of [1, 2, 3]) {
    await shortWrite(number);
    const error = await exportProfile(profile, password, file).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'export-damaged', message: expect.stringMatching(/free some space/) });
    vi.restoreAllMocks();
    await expectNoExport();
  }
});

test('an import of which the disk has not stored all leaves nothing', async () => {
  await exportProfile(profile, password, file);
  for (const number of [1, 2, 3]) {
    await shortWrite(number);
    expect(await rejectedCode(importProfile(join(folder, 'new'), file, password))).toBe('not-stored');
    vi.restoreAllMocks();
    expect(await readdir(join(folder, 'new'))).toEqual([]);
  }
});

test('an export whose name cannot be synced stands, and the profile is closed', async () => {
  steps.before = fails(folder, 'EINVAL');
  expect(await exportProfile(profile, password, file)).toEqual({ file, isSynced: false });
  steps.before = steps.nothing;
  expect(await rejectedCode(openProfile(profile, password))).toBe('profile-moved');
  expect(digestOf(await inspectProfile(await importProfile(join(folder, 'new'), file, password), password))).toBe(
    digestOf(state),
  );
});

test('an export that cannot close the profile, or cannot get its name, leaves the profile open and no file', async () => {
  for (const failure of ['before', 'after'] as const) {
    steps[failure] = fails(fence, 'EIO');
    expect(await rejectedCode(exportProfile(profile, password, file))).toBe('EIO');
    steps[failure] = steps.nothing;
    await expectNoExport();
  }
  steps.after = async (path) => {
    if (path === fence) await rm(await draft());
  };
  expect(await rejectedCode(exportProfile(profile, password, file))).toBe('ENOENT');
  steps.after = steps.nothing;
  await expectNoExport();
  // The file of another program is left as it is.
  steps.after = async (path) => {
    if (path === fence) await writeFile(file, 'mine');
  };
  expect(await rejectedCode(exportProfile(profile, password, file))).toBe('file-exists');
  steps.after = steps.nothing;
  expect((await stat(file)).size).toBe(4);
  await (await openProfile(profile, password)).close();
});

test('the profile stays closed while what was written of an export cannot be removed', async () => {
  steps.after = async (path) => {
    if (path !== fence) return;
    const written = await draft();
    await rm(written);
    await mkdir(join(written, 'in the way'), { recursive: true });
  };
  await expect(exportProfile(profile, password, file)).rejects.toThrow();
  steps.after = steps.nothing;
  expect(await rejectedCode(openProfile(profile, password))).toBe('profile-moved');
});

test('the next export to the same file replaces the draft that a crash has left', async () => {
  let left = '';
  const kept = join(temporaryFolder().path, 'draft');
  steps.before = async (path) => {
    if (path !== fence) return;
    left = await draft();
    await cp(left, kept);
  };
  await exportProfile(profile, password, file);
  steps.before = steps.nothing;
  await takeBack(profile);
  await rm(file);
  await cp(kept, left);
  await exportProfile(profile, password, file);
  expect(await readdir(folder)).toEqual(['bob.export', 'old']);
});

test('an import goes on in another folder when another process has removed the first one before it was locked', async () => {
  await exportProfile(profile, password, file);
  let removed = 0;
  steps.locking = (path) => {
    if (!path.includes('.import-') || removed++ > 0) return;
    rmSync(dirname(path), { recursive: true });
  };
  const imported = await importProfile(join(folder, 'new'), file, password);
  expect(removed).toBe(2);
  expect(digestOf(await inspectProfile(imported, password))).toBe(digestOf(state));
  expect(await readdir(join(folder, 'new'))).toEqual([basename(imported.directory)]);
});

test('an erasure removes every key, also of what a crash has left, before anything else', async () => {
  const home = join(folder, 'old');
  for (const name of ['identity.next.pem', 'identity.next.rekeyed.pem', 'state.rekeyed.sealed', 'identity.pem.new']) {
    await writeFile(join(profile.directory, name), 'a key');
  }
  steps.after = (path) => {
    if (path.includes('.erased-')) throw new Error('crash');
  };
  await expect(eraseProfile(profile)).rejects.toThrow('crash');
  steps.after = steps.nothing;
  const [erased = ''] = await readdir(home);
  expect(erased).toMatch(/^\.erased-/);
  expect((await readdir(join(home, erased))).sort()).toEqual(['parts', 'profile.lock']);
  expect(await listProfiles(home)).toEqual([]);
  expect(await readdir(home)).toEqual([]);
});
