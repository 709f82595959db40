/** Exports of profiles: all of a profile or nothing, at one place at a time, and no way back to what the server has seen already. */
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join, relative } from 'node:path';
import { unlockKeyFile } from '@chat/signatures';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
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
import { profilePaths } from '../../../src/node/profile-paths.ts';
import { exportBytes, headOf } from '../../../src/node/whole-profile/export-format.ts';
import { exportableProfile, filesIn } from '../../support/bare-profile.ts';
import { isKind } from '../../support/events.ts';
import { digestOf, largeState } from '../../support/large-state.ts';
import { password, TestNetwork, watch } from '../../support/test-network.ts';

const state = largeState(350);
let folder: string;
let profile: ProfileSummary;
let file: string;

beforeEach(async () => {
  ({ folder, profile, file } = await exportableProfile(password, state));
});

const contents = async (directory: string): Promise<Record<string, string>> => {
  const paths = (await filesIn(directory)).filter((path) => !/profile\.lock|moved\.json/.test(path)).sort();
  const texts = await Promise.all(paths.map((path) => readFile(path, 'latin1')));
  return Object.fromEntries(paths.map((path, index) => [relative(directory, path), texts[index] ?? '']));
};

test('contains every file of the profile, whatever it is, and shows none of it', async () => {
  await mkdir(join(profile.directory, 'archive'));
  await writeFile(join(profile.directory, 'archive', 'room'), Buffer.alloc(300_000, 7));
  await mkdir(join(profile.directory, 'messages'));
  await writeFile(join(profile.directory, 'messages', 'ab'.repeat(16)), 'a segment');
  await writeFile(join(profile.directory, 'history.db-wal'), '');
  await writeFile(join(profile.directory, 'state.sealed.new'), 'a draft');
  expect(await exportProfile(profile, password, file)).toEqual({ file, isSynced: true });
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

test('has what symbolic links lead to, leaves out what the system has hidden, and refuses what it could not contain', async () => {
  const { directory } = profile;
  const elsewhere = temporaryFolder().path;
  await rename(join(directory, 'parts'), join(elsewhere, 'parts'));
  await symlink(join(elsewhere, 'parts'), join(directory, 'parts'));
  await rename(join(directory, 'identity.pem'), join(elsewhere, 'key'));
  await symlink(join(elsewhere, 'key'), join(directory, 'identity.pem'));
  for (const hidden of ['.DS_Store', 'parts/.nfs0001']) await writeFile(join(directory, hidden), 'of the system');
  const unfit: readonly (readonly [what: RegExp, add: (path: string) => Promise<void>])[] = [
    [/archive is a link that leads nowhere/, (path) => symlink(join(elsewhere, 'none'), join(path, 'archive'))],
    [/self\/self\/self\/.* has a name that no file/, (path) => symlink(path, join(path, 'self'))],
    [/device is neither a file nor a folder/, (path) => symlink('/dev/null', join(path, 'device'))],
    [/@eaDir has a name that no file of a profile has/, (path) => writeFile(join(path, '@eaDir'), '')],
  ];
  for (const [what, add] of unfit) {
    const before = await readdir(directory);
    await add(directory);
    const error = await exportProfile(profile, password, file).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'not-exportable', message: expect.stringMatching(what) });
    expect(await readdir(folder)).toEqual(['old']);
    for (const name of await readdir(directory)) if (!before.includes(name)) await rm(join(directory, name));
  }
  // A program that was killed leaves its socket behind.
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(profilePaths(directory).socket, resolve));
  onTestFinished(() => void socket.close());
  await exportProfile(profile, password, file);
  const imported = await importProfile(join(folder, 'new'), file, password);
  expect(digestOf(await inspectProfile(imported, password))).toBe(digestOf(state));
  expect((await readdir(join(imported.directory, 'parts'))).sort()).toEqual(
    (await readdir(join(elsewhere, 'parts'))).filter((name) => !name.startsWith('.')).sort(),
  );
  // What a link leads to is not erased with the profile, and its owner learns it.
  expect(await eraseProfile(profile)).toEqual([join(elsewhere, 'key'), join(elsewhere, 'parts')].sort());
  expect(await readdir(elsewhere)).toEqual(['key', 'parts']);
  expect(await readdir(join(folder, 'old'))).toEqual([]);
});

test('of another program is not imported if it has a path that no profile has, or one twice', async () => {
  const pem = await readFile(join(profile.directory, 'identity.pem'), 'utf8');
  const key = { head: headOf(pem), secret: (await unlockKeyFile(pem, password)).secret };
  const home = join(folder, 'new');
  const source = temporaryFolder().path;
  const outside = basename(temporaryFolder().path);
  const paths = [
    'a',
    'b',
    'profile.lock',
    'moved.json',
    'state.sealed.new',
    '.hidden',
    'with space',
    `../${outside}/x`,
  ];
  for (const path of paths) await writeFile(join(source, path), 'x');
  for (const path of ['1/2/3/4/5', '1/.2/3']) {
    await mkdir(dirname(join(source, path)), { recursive: true });
    await writeFile(join(source, path), 'x');
  }
  const outcomeOf = async (list: readonly string[]): Promise<string> => {
    await rm(file, { force: true });
    for await (const piece of exportBytes(
      source,
      list.map((path) => ({ path, bytes: 1 })),
      key,
    )) {
      await writeFile(file, piece, { flag: 'a' });
    }
    return importProfile(home, file, password).then(
      () => 'imported',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
  };
  expect(await outcomeOf(['a', 'b'])).toMatch(/contains no profile/);
  const lists = [['a', 'a'], ['b', 'a'], ...paths.slice(2).map((path) => [path]), ['1/2/3/4/5'], ['1/.2/3']];
  for (const list of lists) {
    expect([list, await outcomeOf(list)]).toEqual([list, expect.stringMatching(/is not an export .* or incomplete/)]);
    expect(await readdir(home)).toEqual([]);
  }
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
  // Neither command lists an enrolment that was not finished, or a damaged profile.
  const listed = await readFile(join(profile.directory, 'profile.json'), 'utf8');
  for (const unlisted of [listed.replace('true', 'false'), 'damaged']) {
    await writeFile(join(profile.directory, 'profile.json'), unlisted);
    const other = await importProfile(join(folder, 'old'), file, password).catch((reason: unknown) => reason);
    expect(other).toMatchObject({
      code: 'already-here',
      message: expect.stringMatching(/not finished.*Move it elsewhere/),
    });
    expect(other).toMatchObject({ message: expect.not.stringMatching(/take-back|chat logout/) });
  }
  await writeFile(join(profile.directory, 'profile.json'), listed);
  await eraseProfile(profile);
  expect(await readdir(join(folder, 'old'))).toEqual([]);
  const back = await importProfile(join(folder, 'old'), file, password);
  expect(digestOf(await inspectProfile(back, password))).toBe(digestOf(state));
});

test('what a crash has left of an import or an erasure is removed when profiles are listed, unless it is going on', async () => {
  const home = join(folder, 'old');
  await writeFile(join(profile.directory, 'profile.lock'), '');
  const [busy, left, empty] = ['.import-0011223344556677', '.erased-8899aabbccddeeff', '.import-ffeeddccbbaa9988'];
  for (const name of [busy, left]) await cp(profile.directory, join(home, name), { recursive: true });
  await mkdir(join(home, empty));
  // Of other programs: without the lock, with other names, and a link.
  const foreign = ['.import-0000000000000000', '.import-notes', '.erased-1'];
  for (const name of foreign) await mkdir(join(home, name));
  await writeFile(join(home, '.import-0000000000000000', 'mine'), '');
  for (const name of foreign.slice(1)) await cp(profile.directory, join(home, name), { recursive: true });
  const linked = '.erased-0000000000000000';
  await symlink(join(home, '.erased-1'), join(home, linked));
  const hidden = async () => (await readdir(home)).filter((name) => name.startsWith('.')).sort();

  const client = await openProfile({ ...profile, directory: join(home, busy) }, password);
  expect((await listProfiles(home)).map(({ directory }) => directory)).toContain(profile.directory);
  expect(await hidden()).toEqual([busy, linked, ...foreign].sort());
  await client.close();
  await listProfiles(home);
  expect(await hidden()).toEqual([linked, ...foreign].sort());
  expect(await readdir(join(home, '.erased-1'))).toContain('identity.pem');
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
  const exported = Object.keys(await contents(alice.directory));

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

  const there = await importProfile(join(folder, 'new'), file, password);
  expect(Object.keys(await contents(there.directory))).toEqual(exported);
  const imported = await openProfile(there, password);
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
