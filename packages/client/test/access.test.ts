/** Access that the server's operator takes away: its rooms are shut, others go on, and nothing but the authority can do it. */
import { entryDomain, type SignedEntry, toBase64url, utf8 } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../src/index.ts';
import { connectMeddled, type Meddled } from './support/meddler.ts';
import { Network } from './support/network.ts';

const code = (value: string) => expect.objectContaining({ code: value });
const ofKind = (kind: string) => (event: ClientEvent) => event.kind === 'room' && event.event.kind === kind;

async function inLobby(network: Network): Promise<{ alice: Meddled; bob: Meddled }> {
  const [alice, bob] = [await connectMeddled(network, 'alice'), await connectMeddled(network, 'bob')];
  await alice.client.createRoom('lobby');
  await bob.client.joinRoom('lobby');
  await bob.event(({ kind }) => kind === 'ready');
  return { alice, bob };
}

test('who has lost it is told once and for all, and the room goes on under a key that they have not', async () => {
  await using network = await Network.start();
  const { alice, bob } = await inLobby(network);
  await network.server.revoke('bob', 'affiliationChanged');
  expect(await bob.event(({ kind }) => kind === 'refused')).toMatchObject({ code: 'access-revoked' });
  expect(await alice.event(ofKind('revoked'))).toMatchObject({ event: { user: 'bob' }, mine: false });
  await alice.event((e) => e.kind === 'room' && e.event.kind === 'epoch' && e.event.reason === 'removal');
  await alice.client.send('lobby', 'without bob');
  expect(bob.texts('lobby')).toEqual([]);
  await expect(bob.restart()).rejects.toThrow(code('access-revoked'));
  await expect(alice.client.invite('lobby', 'bob')).rejects.toThrow();
});

test('who reads of it in a room knows that the room is shut, and why', async () => {
  await using network = await Network.start();
  const { bob } = await inLobby(network);
  const room = bob.client.room('lobby')?.roomId ?? '';
  const entry = revocation(network.authority, room, bob);
  bob.inject({ push: 'entry', room, seq: 5, at: 1, entry });
  await bob.event(ofKind('revoked'));
  expect(bob.client.room('lobby')?.removed).toBe(true);
  await expect(bob.client.send('lobby', 'let me')).rejects.toThrow(code('access-revoked'));
  await bob.client.leaveRoom('lobby');
  expect(bob.client.rooms()).toEqual([]);
});

test('nobody else’s signature takes anybody out', async () => {
  await using network = await Network.start();
  const { bob } = await inLobby(network);
  const room = bob.client.room('lobby')?.roomId ?? '';
  bob.inject({ push: 'entry', room, seq: 5, at: 1, entry: revocation(generateSigner(), room, bob) });
  const alarm = (e: ClientEvent) =>
    e.kind === 'room' && e.event.kind === 'violation' && e.event.code === 'bad-signature';
  await bob.event(alarm);
  expect(bob.client.room('lobby')?.removed).toBe(false);
});

function revocation(authority: ReturnType<typeof generateSigner>, room: string, { client }: Meddled): SignedEntry {
  const { user, fingerprint } = client;
  const payload = JSON.stringify({ v: 1, type: 'revoke', room, at: 1, user, fingerprint });
  const signature = authority.sign(entryDomain('revoke', room), utf8(payload));
  return { type: 'revoke', payload, by: authority.fingerprint, signature: toBase64url(signature) };
}
