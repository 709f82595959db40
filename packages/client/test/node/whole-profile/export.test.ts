/** Exports of profiles: all of a profile or nothing, at one place at a time, and no way back to what the server has seen already. */
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import {
  eraseProfile,
  exportProfile,
  importProfile,
  inspectProfile,
  listProfiles,
  openProfile,
  type ProfileSummary,
  renewIdentity,
  takeBack,
} from '../../../src/node/index.ts';
import { bareProfile, filesIn } from '../../support/bare-profile.ts';
import { isKind } from '../../support/events.ts';
import { digestOf, largeState } from '../../support/large-state.ts';
import { password, TestNetwork, watch } from '../../support/test-network.ts';

const state = largeState(350);
let folder: string;
let profile: ProfileSummary;
let file: string;

beforeEach(async () => {
  folder = temporaryFolder().path;
  profile = await bareProfile({ home: join(folder, 'old'), user: 'bob', password, stored: state });
  file = join(folder, 'bob.export');
});

const contents = async (directory: string): Promise<Record<string, string>> => {
  const paths = (await filesIn(directory)).filter((path) => !/profile\.lock|moved\.json/.test(path)).sort();
  const texts = await Promise.all(paths.map((path) => readFile(path, 'latin1')));
  return Object.fromEntries(paths.map((path, index) => [relative(directory, path), texts[index] ?? '']));
};

test('contains every file of the profile, whatever it is, and shows none of it', async () => {
  await mkdir(join(profile.directory, 'archive'));
  await writeFile(join(profile.directory, 'archive', 'room'), Buffer.alloc(300_000, 7));
  await writeFile(join(profile.directory, 'history.db-wal'), '');
  await writeFile(join(profile.directory, 'state.sealed.new'), 'a draft');
  expect(await exportProfile(profile, password, file)).toBe(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['bob.export', 'old']);
  const bytes = await readFile(file, 'latin1');
  for (const shown of ['bob', '127.0.0.1', 'state.sealed', 'archive']) expect(bytes).not.toContain(shown);

  const home = join(folder, 'new');
  const imported = await importProfile(home, file, password);
  expect(imported).toMatchObject({ user: 'bob', serverId: profile.serverId, host: profile.host, port: profile.port });
  expect(await listProfiles(home)).toEqual([imported]);
  expect(await readdir(home)).toHaveLength(1);
  expect(await contents(imported.directory)).toEqual(await contents(profile.directory));
  expect(Object.keys(await contents(imported.directory)).length).toBeGreaterThan(9);
  expect(digestOf(await inspectProfile(imported, password))).toBe(digestOf(state));
  for (const path of await filesIn(imported.directory)) expect((await stat(path)).mode & 0o077, path).toBe(0);
  await (await openProfile(imported, password)).close();
});

test('closes the profile, says where it went, and opens it again when it is taken back', async () => {
  await exportProfile(profile, password, file);
  const error = await openProfile(profile, password).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'profile-moved', message: expect.stringContaining(file) });
  expect(error).toMatchObject({ message: expect.stringMatching(/exported to .* on \d{4}-.*"chat take-back"/) });
  expect(await rejectedCode(exportProfile(profile, password, `${file}-2`))).toBe('profile-moved');
  expect(await rejectedCode(renewIdentity(profile, password))).toBe('profile-moved');
  await writeFile(join(profile.directory, 'moved.json'), 'damaged');
  expect(await rejectedCode(openProfile(profile, password))).toBe('profile-moved');
  expect((await listProfiles(join(folder, 'old'))).map(({ user }) => user)).toEqual(['bob']);
  await takeBack(profile);
  await (await openProfile(profile, password)).close();
  expect(await rejectedCode(takeBack(profile))).toBe('not-moved');
});

test('replaces no file, needs the password, and leaves the profile open if it fails', async () => {
  await writeFile(file, 'mine');
  expect(await rejectedCode(exportProfile(profile, password, file))).toBe('file-exists');
  expect(await readFile(file, 'utf8')).toBe('mine');
  expect(await rejectedCode(exportProfile(profile, password, join(folder, 'none', 'x')))).toBe('no-folder');
  expect(await rejectedCode(exportProfile(profile, 'another', `${file}-2`))).toBe('wrong-password');
  expect(await readdir(folder)).toEqual(['bob.export', 'old']);
  const client = await openProfile(profile, password);
  expect(await rejectedCode(exportProfile(profile, password, `${file}-2`))).toBe('profile-in-use');
  await client.close();
});

test('is imported as a whole or not at all: damaged, cut off, with a wrong password, where the name is taken', async () => {
  await exportProfile(profile, password, file);
  const home = join(folder, 'new');
  const bytes = await readFile(file);
  const stream = bytes.indexOf('FERNETS');
  expect(stream).toBeGreaterThan(400);
  const flipped = (at: number) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
  const damages: readonly (readonly [string, Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['no key', bytes.subarray(0, 100)],
    ['no stream', bytes.subarray(0, stream)],
    ['cut off in a chunk', bytes.subarray(0, -1)],
    ['cut off between chunks', bytes.subarray(0, stream + 40 + 65_632)],
    ['longer', Buffer.concat([bytes, Buffer.from('x')])],
    ['another version', Buffer.concat([Buffer.from('chat export 2\n'), bytes.subarray(14)])],
    ['another first byte', flipped(0)],
    ['another byte of the key', flipped(stream - 60)],
    ['another salt', flipped(stream + 20)],
    ['another byte of the content', flipped(stream + 1_000)],
    ['another last byte', flipped(bytes.length - 1)],
  ];
  for (const [what, damaged] of damages) {
    await writeFile(file, damaged);
    expect([what, await rejectedCode(importProfile(home, file, password))]).toEqual([what, 'export-damaged']);
    expect([what, await readdir(home)]).toEqual([what, []]);
  }
  await writeFile(file, bytes);
  expect(await rejectedCode(importProfile(home, file, 'another'))).toBe('wrong-password');
  expect(await rejectedCode(importProfile(home, `${file}-2`, password))).toBe('no-file');
  // The profile that was exported is still there, closed.
  const error = await importProfile(join(folder, 'old'), file, password).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'already-here', message: expect.stringMatching(/take-back.*chat logout/) });
  expect(await readdir(join(folder, 'old'))).toHaveLength(1);
  await eraseProfile(profile);
  expect(await readdir(join(folder, 'old'))).toEqual([]);
  const back = await importProfile(join(folder, 'old'), file, password);
  expect(digestOf(await inspectProfile(back, password))).toBe(digestOf(state));
});

test('what a crash has left of an import or an erasure is removed when profiles are listed, unless it is going on', async () => {
  const home = join(folder, 'old');
  for (const name of ['.import-1', '.erased-2']) await cp(profile.directory, join(home, name), { recursive: true });
  const client = await openProfile({ ...profile, directory: join(home, '.import-1') }, password);
  expect((await listProfiles(home)).map(({ directory }) => directory)).toEqual([profile.directory]);
  expect((await readdir(home)).filter((name) => name.startsWith('.'))).toEqual(['.import-1']);
  await client.close();
  await listProfiles(home);
  expect((await readdir(home)).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('an export that is older than what the server has seen is refused, and reuses nothing when its user goes on with it', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  const before = await network.enrol('alice');
  await before.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  await bob.event(isKind('ready'));
  await before.client.send('lobby', 'before the export');
  await bob.read('before the export');
  await before.client.close();
  const alice = (await listProfiles(network.home)).find(({ user }) => user === 'alice');
  if (alice === undefined) throw new Error('no profile');
  await exportProfile(alice, password, file);

  // It is taken back: messages, and a key over links of which the export has earlier steps.
  await takeBack(alice);
  const again = await network.open('alice');
  await again.client.send('lobby', 'after the export');
  await bob.read('after the export');
  const carol = await network.enrol('carol');
  await carol.client.joinRoom('lobby');
  await again.client.removeMember('lobby', 'carol');
  await again.client.send('lobby', 'under a fresh key');
  await bob.read('under a fresh key');
  await again.client.close();

  const imported = await openProfile(await importProfile(join(folder, 'new'), file, password), password);
  network.closeLater(imported);
  const late = watch(imported);
  expect(await rejectedCode(imported.connect())).toBe('used-elsewhere');
  await imported.connect({ replaceOthers: true });
  await imported.send('lobby', 'from the export');
  await bob.read('from the export');
  await bob.client.send('lobby', 'and back');
  await late.read('and back');
  expect(late.texts('lobby')).toEqual(['after the export', 'under a fresh key', 'from the export', 'and back']);
  for (const { events } of [bob, late]) {
    expect(events.filter((event) => event.kind === 'room' && event.event.kind === 'violation')).toEqual([]);
    expect(events.filter(isKind('identity-changed'))).toEqual([]);
  }
  // The one that was taken back is the copy now.
  const original = await openProfile(alice, password);
  network.closeLater(original);
  expect(await rejectedCode(original.connect())).toBe('used-elsewhere');
});
