/** A user who enrolled after the backup from which the server was restored: the account is lost, and the key is not. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { listProfiles, openProfile } from '../src/node/index.ts';
import { isKind } from './support/events.ts';
import { password, TestNetwork, type WatchedClient, watch } from './support/test-network.ts';

/** Opens the only profile with the invitation of a line. */
async function openWith(network: TestNetwork, invitation: string): Promise<WatchedClient> {
  const [profile] = await listProfiles(network.home);
  if (profile === undefined) throw new Error('no profile');
  const client = await openProfile(profile, password, { invitation });
  network.closeLater(client);
  return watch(client);
}

test('enrols again by itself with the same key at a server that is open, and goes on in its rooms', async () => {
  await using network = await TestNetwork.start();
  const alice = await network.enrol('alice');
  const bob = await network.enrol('bob');
  await alice.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'hello');
  await alice.read('hello');
  await network.restart(async () => network.forget('bob'));
  await bob.client.send('lobby', 'here again');
  await alice.read('here again');
  expect(bob.events.some(isKind('refused'))).toBe(false);
  expect(network.account('bob')?.fingerprint).toBe(bob.client.fingerprint);
});

test('says that it needs an invitation where one is required, and stays who it is with one', async () => {
  await using network = await TestNetwork.start('invite');
  const first = await network.enrol('alice', await network.invite());
  await first.client.createRoom('lobby');
  await first.client.close();
  await network.restart(async () => network.forget('alice'));
  const refused = await network.opened('alice');
  expect(await rejectedCode(refused.client.connect())).toBe('enrolment-lost');
  expect(refused.client.refusal).toMatchObject({ code: 'enrolment-lost' });
  expect(refused.client.room('lobby')).not.toBeNull();
  await refused.client.close();

  const used = await openWith(network, 'AAAA');
  expect(await rejectedCode(used.client.connect())).toBe('enrolment-lost');
  await used.client.close();

  const again = await openWith(network, await network.invite());
  await again.client.connect();
  await again.client.send('lobby', 'still me');
  expect(again.client.fingerprint).toBe(first.client.fingerprint);
  await again.client.close();
  // The account is there again: no invitation is needed any more.
  expect((await network.open('alice')).client.online).toBe(true);
});

test('is refused as before where the name is bound to another key, and at a server that is closed', async () => {
  await using network = await TestNetwork.start();
  await (await network.enrol('alice')).client.close();
  await network.restart(async () => network.rebind('alice'));
  expect(await rejectedCode((await network.opened('alice')).client.connect())).toBe('login-refused');

  await using closed = await TestNetwork.start();
  await (await closed.enrol('bob')).client.close();
  await closed.restart(async () => closed.forget('bob'), 'closed');
  expect(await rejectedCode((await closed.opened('bob')).client.connect())).toBe('login-refused');
});
