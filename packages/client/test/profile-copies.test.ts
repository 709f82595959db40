/** Two copies of one profile: the server finds the second at its first connection, before the two write at the same time. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { listProfiles, openProfile } from '../src/node/index.ts';
import { isKind } from './support/events.ts';
import { password, TestNetwork, type WatchedClient, watch } from './support/test-network.ts';

/** Copies the profiles of a network to another home, as a user would who moves to another machine. */
async function copyOf(network: TestNetwork): Promise<string> {
  const home = join(temporaryFolder().path, 'home');
  await cp(network.home, home, { recursive: true });
  return home;
}

async function openIn(home: string, network: TestNetwork): Promise<WatchedClient> {
  const [profile] = await listProfiles(home);
  if (profile === undefined) throw new Error('no profile');
  const client = await openProfile(profile, password);
  network.closeLater(client);
  return watch(client);
}

test('a copy that connects ends the connection of the other, which does not come back by itself', async () => {
  await using network = await TestNetwork.start();
  const original = await network.enrol('alice');
  await original.client.createRoom('lobby');
  const copy = await openIn(await copyOf(network), network);
  await copy.client.connect();
  expect(await original.event(isKind('refused'))).toMatchObject({ code: 'used-elsewhere' });
  expect(original.client.refusal).toMatchObject({ code: 'used-elsewhere' });
  await copy.client.send('lobby', 'from the new machine');
  expect(copy.events.filter(({ kind }) => kind === 'refused' || kind === 'trouble')).toEqual([]);
});

test('a profile of which a copy was used is refused, until its user decides to go on with it', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const home = await copyOf(network);
  const copy = await openIn(home, network);
  await copy.client.connect();

  const original = await openIn(network.home, network);
  expect(await rejectedCode(original.client.connect())).toBe('used-elsewhere');
  expect(copy.client.online).toBe(true);
  await original.client.connect({ replaceOthers: true });
  expect(await copy.event(isKind('refused'))).toMatchObject({ code: 'used-elsewhere' });

  await copy.client.close();
  expect(await rejectedCode((await openIn(home, network)).client.connect())).toBe('used-elsewhere');
  await original.client.close();
  await (await openIn(network.home, network)).client.connect();
});

test('a profile that is restarted many times, over restarts of the server, is no copy', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  for (let round = 0; round < 3; round += 1) {
    await (await network.open('alice')).client.close();
    await network.restart();
  }
  // A start without a connection in between.
  await (await openIn(network.home, network)).client.close();
  const { client, events } = await network.open('alice');
  expect(client.online).toBe(true);
  expect(events.filter(({ kind }) => kind === 'refused')).toEqual([]);
});

test('a server that was restored from a backup still knows a run of the profile', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const backup = network.latestRun('alice');
  for (let round = 0; round < 5; round += 1) await (await network.open('alice')).client.close();
  network.restoreRun('alice', backup);
  expect((await network.open('alice')).client.online).toBe(true);
});

test('lists the other profiles when one is damaged', async () => {
  await using network = await TestNetwork.start();
  await network.enrol('alice');
  await network.enrol('bob');
  const [alice] = await listProfiles(network.home);
  if (alice === undefined) throw new Error('no profile');
  await rm(join(alice.directory, 'profile.json'));
  await cp(join(alice.directory, 'ca.pem'), join(alice.directory, 'profile.json'));
  const damaged: string[] = [];
  const listed = await listProfiles(network.home, (error) => damaged.push(`${error.code} ${error.message}`));
  expect(listed.map(({ user }) => user)).toEqual(['bob']);
  expect(damaged).toEqual([expect.stringMatching(/^profile-damaged .*profile\.json/)]);
});
