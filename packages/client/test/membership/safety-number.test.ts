/** Pins, safety numbers and verification, and what a changed identity key prevents. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { Pins } from '../../src/identity/pins.ts';
import { isEpoch, isKind } from '../support/events.ts';
import { connectClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const [one, other] = ['11'.repeat(32), '22'.repeat(32)];

test('pins the first key of a user, and reports another one with whether the first was verified', () => {
  const pins = new Pins({});
  expect(pins.meet([{ user: 'bob', fingerprint: one }])).toEqual([]);
  expect(pins.isVerified({ user: 'bob', fingerprint: one })).toBe(false);
  pins.verify('bob', one);
  expect(pins.isVerified({ user: 'bob', fingerprint: one })).toBe(true);
  expect(pins.isVerified({ user: 'bob', fingerprint: other })).toBe(false);
  const alarm = { user: 'bob', known: one, seen: other, verified: true };
  expect(pins.meet([{ user: 'bob', fingerprint: other }])).toEqual([alarm]);
  expect(new Pins(pins.stored).meet([{ user: 'bob', fingerprint: other }])).toEqual([alarm]);
});

test('does not verify another key that the user trusts, and keeps the same key verified', () => {
  const pins = new Pins({ bob: { fingerprint: one, verified: true } });
  pins.trust('bob', one);
  expect(pins.isVerified({ user: 'bob', fingerprint: one })).toBe(true);
  pins.trust('bob', other);
  expect(pins.meet([{ user: 'bob', fingerprint: other }])).toEqual([]);
  expect(pins.isVerified({ user: 'bob', fingerprint: other })).toBe(false);
});

test('shows both users the same safety number, in a room and without one, and remembers a verification over a restart', async () => {
  await using network = await TestNetwork.start();
  let lookUps = 0;
  const alice = await connectClient(network, 'alice', {
    out(frame) {
      if (frame['op'] === 'get-prekeys') lookUps += 1;
      return frame;
    },
  });
  const bob = await connectClient(network, 'bob');
  const seen = await alice.client.safetyNumber('bob');
  expect(seen).toEqual({ number: seen.number, fingerprint: bob.client.fingerprint, verified: false });
  expect(seen.number).toMatch(/^\d{5}( \d{5}){11}$/);
  expect((await bob.client.safetyNumber('alice')).number).toBe(seen.number);
  expect(await rejectedCode(alice.client.safetyNumber('carol'))).toBe('unknown-user');

  await alice.client.verify('bob', seen.fingerprint);
  await alice.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  await alice.event(isEpoch(2));
  const before = lookUps;
  expect(await alice.client.safetyNumber('bob')).toEqual({ ...seen, verified: true });
  // In a shared room the key comes from the room's log, without a request to the server.
  expect(lookUps).toBe(before);
  const again = await alice.restart();
  const members = () => again.client.room('lobby')?.members.map(({ user, verified }) => [user, verified]);
  expect(members()).toEqual([
    ['alice', false],
    ['bob', true],
  ]);
});

test('invites no user into a room for verified users before the safety numbers are compared', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await alice.client.createRoom('vault', { join: 'verified', history: 'since-join' });
  expect(await rejectedCode(alice.client.invite('vault', 'bob'))).toBe('not-verified');
  await alice.client.verify('bob', (await alice.client.safetyNumber('bob')).fingerprint);
  await alice.client.invite('vault', 'bob');
  expect(alice.client.room('vault')?.invited).toMatchObject([{ user: 'bob', verified: true }]);
  await bob.client.joinRoom('vault');
  await bob.client.send('vault', 'here');
  await alice.read('here');
});

test('neither invites a user whose key differs from the pin nor sends messages to them', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await alice.client.verify('bob', other);
  await alice.client.createRoom('board', { join: 'invite', history: 'since-join' });
  expect(await rejectedCode(alice.client.invite('board', 'bob'))).toBe('identity-changed');
  expect(await rejectedCode(alice.client.openDirect('bob'))).toBe('identity-changed');
  expect(await alice.client.safetyNumber('bob')).toMatchObject({
    fingerprint: bob.client.fingerprint,
    verified: false,
  });
  await alice.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  const alarm = await alice.event(isKind('identity-changed'));
  expect(alarm).toMatchObject({ user: 'bob', known: other, seen: bob.client.fingerprint, verified: true });
  expect(await rejectedCode(alice.client.send('lobby', 'secret'))).toBe('identity-changed');
  await alice.client.trust('bob', bob.client.fingerprint);
  await alice.client.send('lobby', 'now trusted');
  expect(alice.client.room('lobby')?.members.find(({ user }) => user === 'bob')?.verified).toBe(false);
});

test('reports an invited user whose key differs from the pin', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  const carol = await connectClient(network, 'carol');
  await alice.client.createRoom('board', { join: 'invite', history: 'since-join' });
  await alice.client.invite('board', 'carol');
  await carol.client.joinRoom('board');
  await alice.client.trust('bob', other);
  await carol.client.invite('board', 'bob');
  expect(await alice.event(isKind('identity-changed'))).toMatchObject({ user: 'bob', known: other });
  expect(await rejectedCode(alice.client.send('board', 'secret'))).toBe('identity-changed');
  await alice.client.trust('bob', bob.client.fingerprint);
  await alice.client.send('board', 'fine');
});
