/** A user renews the identity key: the rooms go on, other users' pins follow, and a crash leaves a profile that opens. */
import { existsSync } from 'node:fs';
import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@chat/protocol';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../src/index.ts';
import { listProfiles, openProfile, type ProfileSummary, renewIdentity } from '../src/node/index.ts';
import { prepareRenewal } from '../src/node/profile-key.ts';
import { profilePaths } from '../src/node/profile-paths.ts';
import { isKind, isReady } from './support/events.ts';
import { password, TestNetwork, type WatchedClient, watch } from './support/test-network.ts';

async function profileOf(network: TestNetwork, user: string): Promise<ProfileSummary> {
  const profile = (await listProfiles(network.home)).find((each) => each.user === user);
  if (profile === undefined) throw new Error(`no profile of ${user}`);
  return profile;
}

/** Renews the key of a profile that is closed, and connects with the new one. */
async function renewed(network: TestNetwork, user: string): Promise<WatchedClient> {
  const client = await renewIdentity(await profileOf(network, user), password);
  network.closeLater(client);
  const watched = watch(client);
  await client.connect();
  return watched;
}

const isNewKeyIn = (roomName: string, user: string) => (event: ClientEvent) =>
  event.kind === 'room' &&
  event.roomName === roomName &&
  event.event.kind === 'key-renewed' &&
  event.event.user === user;

test('goes on in all rooms with its role, and stays verified for those who have verified it', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  const alice = await network.enrol('alice');
  const carol = await network.enrol('carol');
  for (const room of ['den', 'lobby']) {
    await bob.client.createRoom(room);
    await alice.client.joinRoom(room);
    await alice.event((event) => event.kind === 'ready' && event.roomName === room);
  }
  await carol.client.joinRoom('lobby');
  await carol.event(isReady);
  const { fingerprint: before } = bob.client;
  await alice.client.verify('bob', before);
  await bob.client.send('lobby', 'with the old key');
  await Promise.all([alice.read('with the old key'), carol.read('with the old key')]);
  await bob.client.close();

  const again = await renewed(network, 'bob');
  const { fingerprint } = again.client;
  expect(fingerprint).not.toBe(before);
  for (const room of ['den', 'lobby']) await alice.event(isNewKeyIn(room, 'bob'));
  await carol.event(isNewKeyIn('lobby', 'bob'));
  await again.client.send('lobby', 'with the new key');
  await Promise.all([alice.read('with the new key'), carol.read('with the new key')]);
  await again.client.send('den', 'here too');
  await alice.read('here too');
  await alice.client.send('den', 'and back');
  await again.read('and back');

  const told = (watched: WatchedClient) => watched.events.filter(isKind('identity-renewed'));
  expect(told(alice)).toMatchObject([{ user: 'bob', known: before, seen: fingerprint, verified: true }]);
  expect(told(carol)).toMatchObject([{ user: 'bob', known: before, seen: fingerprint, verified: false }]);
  const member = alice.client.room('lobby')?.members.find(({ user }) => user === 'bob');
  expect(member).toMatchObject({ fingerprint, verified: true, role: 'owner' });
  for (const { events } of [alice, carol, again]) {
    expect(events.filter((event) => event.kind === 'identity-changed' || event.kind === 'trouble')).toEqual([]);
    expect(events.filter((event) => event.kind === 'room' && event.event.kind === 'violation')).toEqual([]);
  }
  expect((await alice.client.safetyNumber('bob')).number).toBe((await again.client.safetyNumber('alice')).number);
});

test('is followed by a user who meets the new key in another room first, and after several renewals', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  const alice = await network.enrol('alice');
  await alice.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  const { fingerprint: before } = bob.client;
  await alice.client.verify('bob', before);
  await bob.client.leaveRoom('lobby');
  await bob.client.close();
  await (await renewed(network, 'bob')).client.close();
  const again = await renewed(network, 'bob');
  await again.client.createRoom('den');
  await alice.client.joinRoom('den');
  expect(await alice.event(isKind('identity-renewed'))).toMatchObject({
    ...{ user: 'bob', known: before, seen: again.client.fingerprint, verified: true },
  });
  await alice.client.send('den', 'it is you');
  await again.read('it is you');
  expect(alice.events.some(isKind('identity-changed'))).toBe(false);
});

test('joins a room to which it was invited under the key before', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  const alice = await network.enrol('alice');
  await alice.client.createRoom('den', { join: 'invite', history: 'since-join' });
  await alice.client.invite('den', 'bob');
  await bob.client.close();
  const again = await renewed(network, 'bob');
  await alice.event(isNewKeyIn('den', 'bob'));
  await again.client.joinRoom('den');
  await alice.client.send('den', 'welcome');
  await again.read('welcome');
  expect(alice.client.room('den')?.invited).toEqual([]);
});

test('refuses a copy of the profile with the key before, and says why', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  await bob.client.close();
  const profile = await profileOf(network, 'bob');
  const copy = { ...profile, directory: join(temporaryFolder().path, 'copy') };
  await cp(profile.directory, copy.directory, { recursive: true });
  await renewed(network, 'bob');
  const thief = await openProfile(copy, password);
  network.closeLater(thief);
  expect(await rejectedCode(thief.connect())).toBe('key-renewed');
  expect(thief.refusal).toMatchObject({ code: 'key-renewed' });
});

test('finishes at the next opening what a crash has cut off, wherever that was', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  await bob.client.createRoom('den');
  await bob.client.close();
  const profile = await profileOf(network, 'bob');
  const paths = profilePaths(profile.directory);

  // Before the request: the next opening makes it.
  await prepareRenewal(profile.directory, password);
  const copy = { ...profile, directory: join(temporaryFolder().path, 'copy') };
  await cp(profile.directory, copy.directory, { recursive: true });
  const finished = await openProfile(copy, password);
  const { fingerprint } = finished;
  await finished.close();
  expect(fingerprint).not.toBe(bob.client.fingerprint);

  // After the request, before anything was stored: the next opening repeats it.
  const opened = await openProfile(profile, password);
  expect(opened.fingerprint).toBe(fingerprint);
  await opened.close();
  expect([existsSync(paths.nextIdentity), existsSync(paths.nextState)]).toEqual([false, false]);

  // Between the two files: the next opening takes the second one.
  await copyFile(paths.state, paths.nextState);
  await copyFile(join(copy.directory, 'profile.json'), paths.state);
  const last = await openProfile(profile, password);
  network.closeLater(last);
  expect(last.fingerprint).toBe(fingerprint);
  expect(existsSync(paths.nextState)).toBe(false);
  await last.connect();
  expect(last.room('den')).not.toBeNull();
});

test('keeps the key that it has when the server refuses, and tries again when there is no answer', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  await bob.client.close();
  const profile = await profileOf(network, 'bob');
  const { nextIdentity } = profilePaths(profile.directory);
  await network.restart(async () => {
    const error = await renewIdentity(profile, password).catch((reason: unknown) => reason);
    expect(codeOf(error)).toBe('unreachable');
    expect(existsSync(nextIdentity)).toBe(true);
    const offline = await openProfile(profile, password);
    expect(offline.fingerprint).toBe(bob.client.fingerprint);
    await offline.close();
  });
  await network.restart(async () => network.rebind('bob'));
  expect(await rejectedCode(renewIdentity(profile, password))).toBe('login-refused');
  expect(existsSync(nextIdentity)).toBe(false);
  const kept = await openProfile(profile, password);
  network.closeLater(kept);
  expect(kept.fingerprint).toBe(bob.client.fingerprint);
});

test('raises no alarm about another person while the renewal that the server has is its own, and says what to do', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  await bob.client.createRoom('den');
  await bob.client.close();
  const profile = await profileOf(network, 'bob');
  await prepareRenewal(profile.directory, password);
  const copy = { ...profile, directory: join(temporaryFolder().path, 'copy') };
  await cp(profile.directory, copy.directory, { recursive: true });
  await (await openProfile(copy, password)).close();

  // The server has the new key, and is away while the profile is opened.
  let offline: WatchedClient | undefined;
  await network.restart(async () => {
    offline = watch(await openProfile(profile, password));
    network.closeLater(offline.client);
    expect(offline.client.begunRenewal).toBe('unfinished');
  });
  offline?.client.keepConnecting();
  expect(await offline?.event(isKind('refused'))).toMatchObject({ code: 'renewal-unfinished' });
  await offline?.client.close();

  const finished = await openProfile(profile, password);
  network.closeLater(finished);
  expect(finished.begunRenewal).toBe('finished');
  await finished.connect();
  expect(finished.room('den')).not.toBeNull();
});

test('says that the server has refused a renewal that was begun, and goes on with the key before', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  await bob.client.close();
  const profile = await profileOf(network, 'bob');
  await prepareRenewal(profile.directory, password);
  await network.restart(async () => network.rebind('bob'));
  const kept = await openProfile(profile, password);
  expect([kept.fingerprint, kept.begunRenewal]).toEqual([bob.client.fingerprint, 'refused']);
  await kept.close();
  const again = await openProfile(profile, password);
  network.closeLater(again);
  expect(again.begunRenewal).toBeNull();
});
