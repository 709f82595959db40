/** Revocation: the user's rooms are closed for them, other members go on, and only the server's authority can revoke. */

import { encodePayload, entryDomain, type SignedEntry } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../src/index.ts';
import { isEpochAfterRemoval, isKind, isRoomEvent } from './support/events.ts';
import { lobbyOf, type TestClient } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

async function inLobby(network: TestNetwork): Promise<{ alice: TestClient; bob: TestClient }> {
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  return { alice, bob };
}

test('refuses a revoked user for good, and gives the room a key that the user lacks', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await inLobby(network);
  await network.server.revoke('bob', 'affiliationChanged');
  expect(await bob.event(isKind('refused'))).toMatchObject({ code: 'access-revoked' });
  expect(await alice.event(isRoomEvent('revoked'))).toMatchObject({ event: { user: 'bob' }, mine: false });
  await alice.event(isEpochAfterRemoval);
  await alice.client.send('lobby', 'without bob');
  expect(bob.texts('lobby')).toEqual([]);
  expect(await rejectedCode(bob.restart())).toBe('access-revoked');
  await expect(alice.client.invite('lobby', 'bob')).rejects.toThrow();
});

test('closes a room whose log shows that the user’s access was revoked, and gives the reason', async () => {
  await using network = await TestNetwork.start();
  const { bob } = await inLobby(network);
  const room = bob.client.room('lobby')?.roomId ?? '';
  const entry = revocation(network.authority, room, bob);
  bob.inject({ push: 'entry', room, seq: 5, at: 1, entry });
  await bob.event(isRoomEvent('revoked'));
  expect(bob.client.room('lobby')?.removed).toBe(true);
  expect(await rejectedCode(bob.client.send('lobby', 'refused'))).toBe('access-revoked');
  await bob.client.leaveRoom('lobby');
  expect(bob.client.rooms()).toEqual([]);
});

test('rejects a revocation that the server’s authority has not signed', async () => {
  await using network = await TestNetwork.start();
  const { bob } = await inLobby(network);
  const room = bob.client.room('lobby')?.roomId ?? '';
  bob.inject({ push: 'entry', room, seq: 5, at: 1, entry: revocation(generateSigner(), room, bob) });
  const alarm = (e: ClientEvent) =>
    e.kind === 'room' && e.event.kind === 'violation' && e.event.code === 'bad-signature';
  await bob.event(alarm);
  expect(bob.client.room('lobby')?.removed).toBe(false);
});

function revocation(authority: ReturnType<typeof generateSigner>, room: string, { client }: TestClient): SignedEntry {
  const { user, fingerprint } = client;
  const payload = encodePayload({ v: 1, type: 'revoke', room, at: 1, user, fingerprint });
  const signature = authority.sign(entryDomain('revoke', room), payload);
  return { type: 'revoke', payload, by: authority.fingerprint, signature };
}
