/** A lost device: the profile comes back from the backup at the server, and what a dishonest server gives in its place does not. */
import { join } from 'node:path';
import { codeOf } from '@chat/protocol';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import {
  fetchAuthority,
  listProfiles,
  newPhrase,
  openProfile,
  recoverProfile,
  renewIdentity,
  startRecovery,
} from '../../../src/node/index.ts';
import { password, TestNetwork, watch } from '../../support/test-network.ts';

const newPassword = 'another long password';

/** Enrols Alice with a room and a message, and makes a backup. */
async function withBackup(network: TestNetwork, user = 'alice') {
  const enrolled = await network.enrol(user);
  await enrolled.client.createRoom(`den-of-${user}`);
  await enrolled.client.send(`den-of-${user}`, 'before the backup');
  await enrolled.client.close();
  const profile = (await listProfiles(network.home)).find((each) => each.user === user);
  if (profile === undefined) throw new Error('no profile');
  const phrase = newPhrase();
  await startRecovery(profile, password, async () => phrase);
  const opened = await network.open(user);
  await opened.client.recovery.backUp();
  return { ...opened, profile, phrase };
}

/** Recovers on an empty machine. */
async function recover(network: TestNetwork, phrase: string, user = 'alice') {
  const [home, authority] = [join(temporaryFolder().path, 'home'), await fetchAuthority(network.address)];
  const options = { home, address: network.address, authority, user, phrase, password: newPassword };
  return { home, recovered: await recoverProfile(options) };
}

const codeOfRecovery = (network: TestNetwork, phrase: string, user?: string): Promise<string | null> =>
  recover(network, phrase, user).then(
    () => null,
    (error: unknown) => codeOf(error),
  );

const backupOf = (network: TestNetwork, user = 'alice') => {
  const found = network.recoveries.get(user);
  if (found?.manifest == null) throw new Error('no backup');
  return { ...found, manifest: found.manifest, chunks: new Map(found.chunks) };
};

test('a profile comes back on an empty machine with rooms, pins and messages, and goes on with a new key', async () => {
  await using network = await TestNetwork.start();
  const bob = await network.enrol('bob');
  const alice = await withBackup(network);
  await bob.client.createRoom('lobby');
  await alice.client.joinRoom('lobby');
  await bob.client.send('lobby', 'from bob');
  await alice.read('from bob');
  const { latest } = await alice.client.recovery.backUp();
  expect(latest).toMatchObject({ number: 2, left: { files: 0 } });
  // After the backup, on the device that is lost then.
  await alice.client.send('lobby', 'later than the backup');
  await bob.client.send('lobby', 'later, from bob');
  await alice.read('later, from bob');

  const { home, recovered } = await recover(network, alice.phrase);
  expect(recovered).toMatchObject({ number: 2, profile: { user: 'alice' } });
  const restored = watch(await openProfile(recovered.profile, newPassword));
  network.closeLater(restored.client);
  expect(restored.client.fingerprint).toBe(alice.client.fingerprint);
  expect(restored.client.rooms().map(({ roomName }) => roomName)).toEqual(['den-of-alice', 'lobby']);
  const found = await restored.client.messages.search({ words: 'before the backup' });
  expect(found.hits).toHaveLength(1);
  await restored.client.connect({ replaceOthers: true });
  await restored.read('later, from bob');
  expect(restored.texts('lobby')).toEqual(['later than the backup', 'later, from bob']);
  await restored.client.close();

  const renewed = watch(await renewIdentity(recovered.profile, newPassword));
  network.closeLater(renewed.client);
  await renewed.client.connect();
  await renewed.event(({ kind }) => kind === 'renewal-complete');
  await renewed.client.send('lobby', 'back again');
  await bob.read('back again');
  const alarms = [...bob.events, ...restored.events, ...renewed.events].filter(
    (event) => event.kind === 'room' && event.event.kind === 'violation',
  );
  expect(alarms).toEqual([]);
  await alice.client.close();
  expect(await rejectedCode((await network.opened('alice')).client.connect())).toBe('key-renewed');

  // The backup follows the new key, and the phrase stays.
  await renewed.client.recovery.backUp();
  await renewed.client.close();
  const again = await recover(network, alice.phrase);
  const second = await openProfile(again.recovered.profile, newPassword);
  expect(second.fingerprint).toBe(renewed.client.fingerprint);
  await second.close();
  expect((await listProfiles(home)).map(({ user }) => user)).toEqual(['alice']);
});

test('a phrase opens the backup of its own user only, and nothing once another one is made or it is ended', async () => {
  await using network = await TestNetwork.start();
  const alice = await withBackup(network);
  const bob = await withBackup(network, 'bob');
  expect(await codeOfRecovery(network, newPhrase())).toBe('recovery-refused');
  expect(await codeOfRecovery(network, bob.phrase)).toBe('recovery-refused');
  expect(await codeOfRecovery(network, alice.phrase, 'unknown')).toBe('recovery-refused');
  expect(await codeOfRecovery(network, 'abandon abandon')).toBe('not-a-phrase');

  await bob.client.close();
  const next = newPhrase();
  await startRecovery(bob.profile, password, async () => next);
  const { client } = await network.open('bob');
  await client.recovery.backUp();
  expect(await codeOfRecovery(network, bob.phrase, 'bob')).toBe('recovery-refused');
  expect(await codeOfRecovery(network, next, 'bob')).toBeNull();

  await client.recovery.end();
  expect(client.recovery.state()).toBeNull();
  expect(await codeOfRecovery(network, next, 'bob')).toBe('recovery-refused');
  expect(network.recoveries.has('bob')).toBe(false);
  expect(await codeOfRecovery(network, alice.phrase)).toBeNull();
});

test('a server that alters the backup, cuts it short, or shows another one is found', async () => {
  await using network = await TestNetwork.start();
  const alice = await withBackup(network);
  const first = backupOf(network);
  await alice.client.send('den-of-alice', 'in the second backup');
  await alice.client.recovery.backUp();
  const second = backupOf(network);
  const bob = await withBackup(network, 'bob');
  await bob.client.close();
  await alice.client.close();
  const others = backupOf(network, 'bob');
  const shows = (change: Partial<typeof second>) => network.recoveries.set('alice', { ...second, ...change });
  const changed = (change: (chunk: Uint8Array, name: string) => Uint8Array) =>
    new Map([...second.chunks].map(([name, chunk]) => [name, change(chunk, name)] as const));
  const names = [...second.chunks.keys()];

  // The head of before under the number of the present one, and that of another user.
  shows({ manifest: first.manifest });
  expect(await codeOfRecovery(network, alice.phrase)).toBe('backup-damaged');
  shows({ manifest: others.manifest, chunks: others.chunks });
  expect(await codeOfRecovery(network, alice.phrase)).toBe('backup-damaged');
  shows({ manifest: second.manifest.slice(0, -1) });
  expect(await codeOfRecovery(network, alice.phrase)).toBe('backup-damaged');
  // Chunks: one for another one, a shorter one, none.
  const swap = new Map(names.map((name, index) => [name, names[(index + 1) % names.length] ?? name]));
  shows({ chunks: changed((chunk, name) => second.chunks.get(swap.get(name) ?? '') ?? chunk) });
  expect(await codeOfRecovery(network, alice.phrase)).toBe('backup-damaged');
  shows({ chunks: changed((chunk) => chunk.slice(0, Math.max(28, chunk.length - 1))) });
  expect(await codeOfRecovery(network, alice.phrase)).toBe('backup-damaged');
  shows({ chunks: new Map() });
  expect(await codeOfRecovery(network, alice.phrase)).toBe('backup-damaged');

  // An earlier backup as a whole opens. That it is old shows when the rooms are read: the user has said more since.
  network.recoveries.set('alice', first);
  const { recovered } = await recover(network, alice.phrase);
  expect(recovered.number).toBe(1);
  const restored = watch(await openProfile(recovered.profile, newPassword));
  network.closeLater(restored.client);
  await restored.client.connect({ replaceOthers: true });
  await restored.read('in the second backup');
  shows({});
  expect(await codeOfRecovery(network, alice.phrase)).toBeNull();
});

test('the server sees nothing of what a backup has, and no two users have a chunk with the same name', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await withBackup(network), await withBackup(network, 'bob')];
  const all = [backupOf(network), backupOf(network, 'bob')];
  const bytes = Buffer.concat(all.flatMap(({ manifest, chunks }) => [manifest, ...chunks.values()])).toString('latin1');
  for (const text of [
    'before the backup',
    'den-of-alice',
    'PRIVATE',
    alice.client.fingerprint,
    bob.client.fingerprint,
  ]) {
    expect(bytes).not.toContain(text);
  }
  const [hers, his] = all.map(({ chunks }) => new Set(chunks.keys()));
  expect([...(hers ?? [])].filter((name) => his?.has(name))).toEqual([]);
});
