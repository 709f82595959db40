/** The parts of a large profile: whatever moment a crash comes at, one state opens, and what was erased is gone. */
import { hkdfSync } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fernet } from '@chat/fernet';
import { isFullRun, rejectedCode, temporaryFolder } from '@chat/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** What every write and removal of files does beside itself. */
const steps = vi.hoisted(() => ({ before: async (_path: string, _text: string | null): Promise<void> => {} }));

vi.mock('@chat/durable-files', async (original) => {
  const files = await original<typeof import('@chat/durable-files')>();
  return {
    ...files,
    writeAtomically: async (path: string, text: string) => {
      await steps.before(path, text);
      await files.writeAtomically(path, text);
    },
    removeSynced: async (directory: string, names: readonly string[]) => {
      for (const name of names) {
        await steps.before(join(directory, name), null);
        await files.removeSynced(directory, [name]);
      }
    },
  };
});

import { MissingPart, PartFiles } from '../../src/node/part-files.ts';
import { createSealedFile, openSealedFile } from '../../src/node/sealed-file.ts';
import { digestOf, fingerprintAt, largeState, linkSecret, withMessage, withSteps } from '../support/large-state.ts';

const secret = new Uint8Array(32).fill(7);
let home: string;
let path: string;
let parts: string;

beforeEach(() => {
  home = temporaryFolder().path;
  [path, parts] = [join(home, 'state.sealed'), join(home, 'parts')];
});
afterEach(() => {
  steps.before = async () => {};
  vi.restoreAllMocks();
});

const open = (at = path) => openSealedFile(at, { secret, password: '' });
const opened = async (at = path) => digestOf((await open(at)).stored);

/** Returns everything that the files of a profile contain. */
async function contentsAt(folder: string): Promise<string> {
  const { stored } = await open(join(folder, 'state.sealed'));
  const texts = [JSON.stringify(stored)];
  for (const name of await readdir(join(folder, 'parts'))) {
    const token = await readFile(join(folder, 'parts', name), 'utf8');
    texts.push(partKey.decryptText(token));
  }
  return texts.join('\n');
}

const partKey = new Fernet(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'chat/1 state part', 32)));

test('opens as it was saved, also after many messages and another start', async () => {
  let state = largeState(350);
  const { vault } = await createSealedFile(path, secret, state);
  for (let count = 0; count < 40; count += 1) state = withMessage(state, count, 1_000 + count);
  await vault.save(state);
  expect(await opened()).toBe(digestOf(state));
  const again = await open();
  const later = withSteps(withMessage(again.stored, 41, 2_000), 1);
  await again.vault.save(later);
  expect(await opened()).toBe(digestOf(later));
});

test('a message writes as many bytes in a room of 5,000 members as in one of 200', async () => {
  const written: number[] = [];
  for (const size of [200, 5_000]) {
    const folder = join(home, String(size));
    await mkdir(folder);
    const state = largeState(size);
    const { vault } = await createSealedFile(join(folder, 'state.sealed'), secret, state);
    let bytes = 0;
    steps.before = async (_, text) => {
      bytes += text?.length ?? 0;
    };
    await vault.save(withMessage(state, 3, 9_999));
    written.push(bytes);
  }
  const [small = 0, large = 0] = written;
  expect(large - small).toBeLessThan(100);
  expect(large).toBeLessThan(5_000);
});

test('opens as one of two states whenever a crash comes, and the next save leaves nothing of the first', async () => {
  const before = largeState(350);
  const after = withSteps(withMessage(before, 5, 9_999), 1);
  const { vault } = await createSealedFile(path, secret, before);
  const copies: string[] = [];
  const copy = async () => {
    const to = temporaryFolder().path;
    await cp(home, to, { recursive: true });
    copies.push(to);
  };
  steps.before = async (target, text) => {
    await copy();
    if (text === null) return;
    // A write that was interrupted in its middle, and in the full run at its start and at its end before the renaming.
    for (const length of isFullRun ? [0, text.length >> 1, text.length] : [text.length >> 1]) {
      await writeFile(`${target}.new`, text.slice(0, length));
      await copy();
    }
  };
  await vault.save(after);
  await copy();
  steps.before = async () => {};
  const old = linkSecret(fingerprintAt(1), 0);
  const states = [];
  for (const folder of copies) {
    const at = join(folder, 'state.sealed');
    const file = await open(at);
    states.push(digestOf(file.stored));
    await file.vault.save(after);
    expect(await opened(at)).toBe(digestOf(after));
    const content = await contentsAt(folder);
    expect([content.includes(linkSecret(fingerprintAt(1), 1)), content.includes(old)]).toEqual([true, false]);
  }
  const changed = states.indexOf(digestOf(after));
  expect(changed).toBeGreaterThan(isFullRun ? 4 : 2);
  expect(states.slice(0, changed)).toEqual(Array(changed).fill(digestOf(before)));
  expect(states.slice(changed)).toEqual(Array(states.length - changed).fill(digestOf(after)));
});

test('a save erases what it replaces before it resolves, and is no save if that fails', async () => {
  const before = largeState(350);
  const { vault } = await createSealedFile(path, secret, before);
  const after = withSteps(before, 1);
  steps.before = async (_, text) => {
    if (text === null) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  await expect(vault.save(after)).rejects.toThrow('EIO');
  expect(await contentsAt(home)).toContain(linkSecret(fingerprintAt(1), 0));
  steps.before = async () => {};
  await vault.save(after);
  expect(await contentsAt(home)).not.toContain(linkSecret(fingerprintAt(1), 0));
});

test('a full disk leaves the state before, and tries do not pile up files', async () => {
  const before = largeState(350);
  const { vault } = await createSealedFile(path, secret, before);
  const count = (await readdir(parts)).length;
  let state = withSteps(before, 1);
  for (let index = 0; index < 300; index += 1) state = withMessage(state, index, 9_000 + index);
  for (const room of [0, 1, 1, 0, 1, 0, 0]) {
    let writes = 0;
    steps.before = async (_, text) => {
      writes += text === null ? 0 : 1;
      if (writes > room) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
    await expect(vault.save(state)).rejects.toThrow('ENOSPC');
    expect(await opened()).toBe(digestOf(before));
    expect((await readdir(parts)).length).toBeLessThanOrEqual(count + 3);
  }
  steps.before = async () => {};
  await vault.save(state);
  expect(await opened()).toBe(digestOf(state));
  expect(await readdir(parts)).toHaveLength(count);
});

test('a save leaves alone what is no part, and does not fail for it', async () => {
  const before = largeState(350);
  const { vault } = await createSealedFile(path, secret, before);
  const count = (await readdir(parts)).length;
  const others = ['@eaDir', 'ab'.repeat(16), '.nfs0001', `${'cd'.repeat(16)}.bak`];
  for (const name of others.slice(0, 2)) await mkdir(join(parts, name));
  for (const name of others.slice(2)) await writeFile(join(parts, name), '');
  // A client that has just started lists the folder anew.
  await (await open()).vault.save(withSteps(before, 1));
  await vault.close();
  expect(await opened()).toBe(digestOf(withSteps(before, 1)));
  expect(await readdir(parts)).toEqual(expect.arrayContaining(others));
  expect(await readdir(parts)).toHaveLength(count + others.length);
});

test('a part that is missing, cut off, or has the content of another one is reported, and left as it is', async () => {
  await createSealedFile(path, secret, largeState(350));
  const [one = '', other = ''] = (await readdir(parts)).map((name) => join(parts, name));
  const text = await readFile(one, 'utf8');
  const damages: readonly (() => Promise<void>)[] = [
    () => rename(one, join(home, 'elsewhere')),
    () => writeFile(one, text.slice(0, -4)),
    () => cp(other, one),
  ];
  for (const damage of damages) {
    await damage();
    expect(await rejectedCode(open())).toBe('profile-damaged');
    await writeFile(one, text);
  }
  expect(await opened()).toBe(digestOf(largeState(350)));
});

test('is read as it is now if the client that has it open replaces a part meanwhile', async () => {
  const { vault } = await createSealedFile(path, secret, largeState(350));
  const after = withSteps(largeState(350), 1);
  vi.spyOn(PartFiles.prototype, 'read').mockImplementationOnce(async (file) => {
    await vault.save(after);
    throw new MissingPart(file);
  });
  expect(await opened()).toBe(digestOf(after));
});

test('a state that becomes small again has one file', async () => {
  const { vault } = await createSealedFile(path, secret, largeState(350));
  await vault.save(largeState(20));
  expect(await readdir(parts)).toEqual([]);
  expect(await readdir(dirname(parts))).toEqual(['parts', 'state.sealed']);
  await rm(parts, { recursive: true });
  expect(await opened()).toBe(digestOf(largeState(20)));
});
