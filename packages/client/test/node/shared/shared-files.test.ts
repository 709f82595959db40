/** The files of a profile that several programs use: when they wait for each other, and what no program does beside others. */
import { execFileSync } from 'node:child_process';
import { readFile, rm, stat, watch as watchFolder, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  changeProfilePassword,
  eraseProfile,
  exportProfile,
  openSharedProfile,
  type ProfileSummary,
  renewIdentity,
  type SharedClient,
} from '../../../src/node/index.ts';
import { lockProfile } from '../../../src/node/profile-files.ts';
import { profilePaths } from '../../../src/node/profile-paths.ts';
import { openProgram, withLobby } from '../../support/shared-programs.ts';
import { password, TestNetwork, watch } from '../../support/test-network.ts';

describe('a profile that is open in a program', () => {
  test('refuses what needs the profile for itself, in whichever program it is open', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const first = await openProgram(profile);
    const second = await openProgram(profile);
    const exclusive = [
      () => changeProfilePassword(profile, password, async () => 'another one'),
      () => exportProfile(profile, password, join(network.home, 'export')),
      () => eraseProfile(profile),
      () => renewIdentity(profile, password),
    ];
    for (const act of exclusive) expect(await rejectedCode(act())).toBe('profile-in-use');
    await first.client.close();
    // The second one has the profile as soon as it answers.
    await second.client.messages.retention();
    expect(second.client.isHolder).toBe(true);
    for (const act of exclusive) expect(await rejectedCode(act())).toBe('profile-in-use');
    await second.client.close();
    await changeProfilePassword(profile, password, async () => 'another one');
  });

  test('says why it is gone when its files have gone or have another password', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    for (const [act, code] of [
      [() => changeProfilePassword(profile, password, async () => 'another one'), 'wrong-password'],
      [() => eraseProfile(profile), 'profile-damaged'],
    ] as const) {
      const secret = code === 'wrong-password' ? password : 'another one';
      const first = await openSharedProfile(profile, secret);
      const second = watch<SharedClient>(await openSharedProfile(profile, secret));
      const closed = first.close();
      // Before the second one knows that the first has ended.
      await closed;
      await act();
      const refused = await second.event(({ kind }) => kind === 'refused');
      expect(refused).toMatchObject({ code });
      expect(await rejectedCode(second.client.listRooms())).toBe(code);
      await second.client.close();
    }
  });

  test('that does not share it is not waited for once the opening is ended', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    const lock = lockProfile(profile.directory);
    const ending = new AbortController();
    const opening = openSharedProfile(profile, password, { signal: ending.signal });
    ending.abort();
    expect(await rejectedCode(opening)).toBe('closed');
    lock.release();
    // One that succeeds all the same leaves the profile to others.
    const { signal } = ending;
    expect(await rejectedCode(openSharedProfile(profile, password, { signal }))).toBe('closed');
    expect((await openProgram(profile)).client.isHolder).toBe(true);
  });

  test.skipIf(process.platform === 'win32')('is a socket that only its user can open', async () => {
    await using network = await TestNetwork.start();
    const profile = await withLobby(network);
    await openProgram(profile);
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    const { socket } = profilePaths(profile.directory);
    expect([await modeOf(profile.directory), await modeOf(socket)]).toEqual(['700', '600']);
  });

  test.skipIf(process.platform === 'win32')(
    'lets others wait at its socket while a program still reads it',
    async () => {
      await using network = await TestNetwork.start();
      const profile = await withLobby(network);
      const { socket, state } = profilePaths(profile.directory);
      // A pipe in place of the state: the program reads for as long as nothing is written.
      const content = await readFile(state);
      await rm(state);
      execFileSync('mkfifo', [state]);
      const opening = openProgram(profile);
      for await (const { filename } of watchFolder(profile.directory)) if (filename === basename(socket)) break;
      const second = openProgram(profile);
      expect(await helloOf(profile)).toMatch(/^\{"v":\d+,"nonce":"[0-9a-f]{64}"\}\n$/);
      await writeFile(state, content);
      expect((await opening).client.isHolder).toBe(true);
      expect((await second).client.isHolder).toBe(false);
    },
  );
});

/** Resolves with the first message of the holder. */
async function helloOf(profile: ProfileSummary): Promise<string> {
  const socket: Socket = connect(profilePaths(profile.directory).socket);
  const said = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
  });
  socket.destroy();
  return said.toString();
}
