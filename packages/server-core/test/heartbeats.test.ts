/** The server passes heartbeats on to members who follow the room, and bounds them. */
import { heartbeatDomain, type SignedHeartbeat, toBase64url, utf8 } from '@chat/protocol';
import { otherSignature } from '@chat/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Author } from './support/entries.ts';
import { outcomeOf } from './support/test-client.ts';
import { type Member, room, type TestServer, testServer } from './support/test-server.ts';

let at: TestServer;
let alice: Member;
let bob: Member;
let id: string;

beforeEach(async () => {
  at = await testServer({ limits: { requestBurst: 10_000 } });
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
  ({ id } = await room('den', [alice, bob]));
});
afterEach(() => at[Symbol.asyncDispose]());

function heartbeatOf({ user, signer }: Author): SignedHeartbeat {
  const head = { seq: 1, hash: 'a'.repeat(64) };
  const payload = JSON.stringify({ v: 1, type: 'heartbeat', room: id, author: user, head, every: 60_000, at: 1 });
  return { payload, by: signer.fingerprint, signature: toBase64url(signer.sign(heartbeatDomain(id), utf8(payload))) };
}

const send = ({ client, who }: Member, heartbeat = heartbeatOf(who), roomId = id) =>
  outcomeOf(client.request('heartbeat', { room: roomId, heartbeat }));

test('passes a heartbeat to every member who follows the room, and stores none', async () => {
  await alice.client.request('subscribe', { room: id, after: 0 });
  const heartbeat = heartbeatOf(bob.who);
  expect(await send(bob, heartbeat)).toBe('ok');
  expect(await alice.client.first('heartbeat')).toEqual({ push: 'heartbeat', room: id, heartbeat });
  await bob.client.request('subscribe', { room: id, after: 0 });
  await bob.client.first('caught-up');
  expect(bob.client.all('heartbeat')).toEqual([]);
});

test('refuses a heartbeat of another key, one with a high s, and those of users who are no members', async () => {
  const carol = await at.member('carol');
  const own = heartbeatOf(bob.who);
  expect(await send(bob, heartbeatOf(alice.who))).toBe('entry-refused');
  const signature = toBase64url(otherSignature(Buffer.from(own.signature, 'base64url')));
  expect(await send(bob, { ...own, signature })).toBe('entry-refused');
  expect(await send(carol)).toBe('not-a-member');
  expect(await send(bob, own, '0'.repeat(64))).toBe('not-a-member');
  expect(await send(bob, own)).toBe('ok');
});

test('passes on a few heartbeats a minute of each user in each room', async () => {
  const { id: other } = await room('attic', [alice, bob]);
  for (let count = 0; count < 4; count++) expect(await send(bob)).toBe('ok');
  expect(await send(bob)).toBe('limit-reached');
  expect(await send(alice)).toBe('ok');
  expect(await send(bob, heartbeatOf(bob.who), other)).toBe('ok');
});
