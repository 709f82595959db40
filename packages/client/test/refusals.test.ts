/** What the client refuses, and what it reports when a server refuses it: profiles, enrolment, rooms, identities. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '@chat/protocol';
import { rejectedCode, startChild } from '@chat/testkit';
import { expect, test } from 'vitest';
import { enrol, fetchAuthority, listProfiles, openProfile } from '../src/node/index.ts';
import { createSealedFile, openSealedFile } from '../src/node/sealed-file.ts';
import { isEpochAfterRemoval, isReady } from './support/events.ts';
import { connectClient, lobbyOf } from './support/test-client.ts';
import { password, TestNetwork } from './support/test-network.ts';

async function profileOf(network: TestNetwork, user: string) {
  const profile = (await listProfiles(network.home)).find((summary) => summary.user === user);
  if (profile === undefined) throw new Error(`no profile of ${user}`);
  return profile;
}

test('reports a wrong password as such, and then accepts the right one', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const profile = await profileOf(network, 'alice');
  expect(await rejectedCode(openProfile(profile, 'not it'))).toBe('wrong-password');
  expect(await rejectedCode(openProfile(profile, ''))).toBe('wrong-password');
  await (await openProfile(profile, password)).close();
});

test('refuses a server of another authority before it sends anything', async () => {
  await using network = await TestNetwork.start();
  await using other = await TestNetwork.start();
  const authority = await fetchAuthority(other.address);
  const { address, home } = network;
  expect(await rejectedCode(enrol({ home, address, authority, user: 'alice', password }))).toBe('wrong-authority');
  expect(await listProfiles(home)).toEqual([]);
});

test('returns the fingerprint of the authority, not of a certificate that it signed', async () => {
  await using network = await TestNetwork.start();
  expect((await fetchAuthority(network.address)).fingerprint).toBe(network.server.caFingerprint);
});

test('looks at the authority in good order, so that the server logs no failed handshake', async () => {
  await using network = await TestNetwork.start();
  await fetchAuthority(network.address);
  await (await network.enrol('alice')).client.close();
  await network.server.close();
  expect(network.logged.filter((message) => message.includes('TLS'))).toEqual([]);
});

test('leaves nothing on the disk if the user name is taken', async () => {
  await using network = await TestNetwork.start();
  await network.enrol('alice');
  await using elsewhere = await TestNetwork.start();
  const authority = await fetchAuthority(network.address);
  const again = { home: elsewhere.home, address: network.address, authority, password };
  expect(await rejectedCode(enrol({ ...again, user: 'alice' }))).toBe('user-name-taken');
  expect(await listProfiles(elsewhere.home)).toEqual([]);
  await (await enrol({ ...again, user: 'alice2' })).close();
});

test('opens a profile for one client at a time, and again once that one has closed', async () => {
  await using network = await TestNetwork.start();
  const { client } = await network.enrol('alice');
  const profile = await profileOf(network, 'alice');
  expect(await rejectedCode(openProfile(profile, password))).toBe('profile-in-use');
  await client.close();
  await (await openProfile(profile, password)).close();
});

test('releases the profile if it cannot be opened', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const profile = await profileOf(network, 'alice');
  expect(await rejectedCode(openProfile(profile, 'not it'))).toBe('wrong-password');
  await (await openProfile(profile, password)).close();
});

test('opens the profile of a client that was killed, and not that of one that runs', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const profile = await profileOf(network, 'alice');
  const program = fileURLToPath(new URL('./support/profile-holder.ts', import.meta.url));
  const words = ['--conditions=@chat/source', program, network.home, 'alice', password];
  const holder = startChild(process.execPath, words, { input: 'open' });
  await holder.prints(/open/);
  expect(await rejectedCode(openProfile(profile, password))).toBe('profile-in-use');
  await holder.kill('SIGKILL');
  await (await openProfile(profile, password)).close();
});

test('continues an interrupted enrolment with the same identity key', async () => {
  await using network = await TestNetwork.start();
  network.failNextCertificate();
  expect(await rejectedCode(network.enrol('alice'))).toBe('internal');
  expect(await listProfiles(network.home)).toEqual([]);
  const alice = await network.enrol('alice');
  await alice.client.createRoom('lobby');
});

test('reports a damaged state, and leaves it as it is', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  const profile = await profileOf(network, 'alice');
  const path = join(profile.directory, 'state.sealed');
  const text = await readFile(path, 'utf8');
  for (const damaged of [text.slice(0, -40), text.replace(/gAAAAA/, 'gAAAAB'), '', '{}']) {
    await writeFile(path, damaged);
    expect(await rejectedCode(openProfile(profile, password))).toBe('profile-damaged');
    expect(await readFile(path, 'utf8')).toBe(damaged);
  }
  await writeFile(path, text);
  await (await openProfile(profile, password)).close();
});

test('needs a valid invitation to enrol at a server with the policy invite', async () => {
  await using network = await TestNetwork.start('invite');
  expect(await rejectedCode(network.enrol('alice'))).toBe('invitation-required');
  expect(await rejectedCode(network.enrol('alice', 'AAAA'))).toBe('invitation-refused');
  expect(await listProfiles(network.home)).toEqual([]);
});

test('refuses a taken room name, an unknown room and a room that was not joined', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await alice.client.createRoom('lobby');
  expect(await rejectedCode(bob.client.createRoom('lobby'))).toBe('room-name-taken');
  expect(await rejectedCode(bob.client.joinRoom('nowhere'))).toBe('unknown-room');
  expect(await rejectedCode(bob.client.send('lobby', 'hello'))).toBe('not-joined');
  expect(await rejectedCode(bob.client.leaveRoom('lobby'))).toBe('not-joined');
  expect(bob.client.rooms()).toEqual([]);
});

test('refuses a text that is too long at once, and sends the next one', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const tooLong = 'x'.repeat(limits.messageTextBytes + 1);
  expect(await rejectedCode(alice.client.send('lobby', tooLong))).toBe('message-too-long');
  await alice.client.send('lobby', 'short');
  expect(alice.texts('lobby')).toEqual(['short']);
});

test('reports that there is no connection, at the start and for each operation that needs one', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  await network.restart(async () => {
    await alice.event((event) => event.kind === 'connection' && event.status === 'offline');
    expect(await rejectedCode(fetchAuthority(network.address))).toBe('unreachable');
    expect(await rejectedCode(alice.client.listRooms())).toBe('offline');
    expect(await rejectedCode(alice.client.leaveRoom('lobby'))).toBe('offline');
    expect(alice.client.room('lobby')?.roomName).toBe('lobby');
  });
});

test('is refused for good with another identity key than the one bound to the user name', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  await using imposed = await TestNetwork.start();
  await (await imposed.enrol('alice')).client.close();
  // The identity key of the other server's alice, in this server's profile with its certificate.
  const [here, there] = [await profileOf(network, 'alice'), await profileOf(imposed, 'alice')];
  const [own, other] = [await network.secretOf('alice'), await imposed.secretOf('alice')];
  const state = join(here.directory, 'state.sealed');
  const { stored } = await openSealedFile(state, { secret: own, password });
  await writeFile(join(here.directory, 'identity.pem'), await readFile(join(there.directory, 'identity.pem')));
  expect(await rejectedCode(openProfile(here, password))).toBe('profile-damaged');
  await createSealedFile(state, other, stored);
  const client = await openProfile(here, password);
  expect(await rejectedCode(client.connect())).toBe('login-refused');
  await client.close();
});

test('sends nothing to a user with a changed identity key until the user trusts it', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await network.enrol('alice'), await network.enrol('bob')];
  await alice.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  await bob.event(isReady);
  await bob.client.leaveRoom('lobby');
  await alice.event(isEpochAfterRemoval);
  await alice.client.close();

  // The server deletes bob and binds another key to his name, as a dishonest server could.
  network.forget('bob');
  await using elsewhere = await TestNetwork.start();
  const authority = await fetchAuthority(network.address);
  const impostor = await enrol({ home: elsewhere.home, address: network.address, authority, user: 'bob', password });
  const again = await network.open('alice');
  await impostor.connect();
  await impostor.joinRoom('lobby');
  const alarm = await again.event((event) => event.kind === 'identity-changed');
  expect(alarm).toMatchObject({ user: 'bob', known: bob.client.fingerprint, seen: impostor.fingerprint });
  expect(await rejectedCode(again.client.send('lobby', 'secret'))).toBe('identity-changed');

  await again.client.trust('bob', impostor.fingerprint);
  await again.client.send('lobby', 'now trusted');
  expect(again.texts('lobby')).toEqual(['now trusted']);
  await impostor.close();
});
