/** Renewals of identity keys at the server: what it checks, and what ends with the key before. */
import { generateSigner } from '@chat/signatures';
import { rejectedCode } from '@chat/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { author, enrol, renew, renewalOf, renewKey } from '../support/enrolling.ts';
import { type TestServer, testServer } from '../support/test-server.ts';

let at: TestServer;
beforeEach(async () => {
  at = await testServer();
});
afterEach(() => at[Symbol.asyncDispose]());

test('binds the name to a key that the registered one has signed, also when asked again', async () => {
  const alice = await enrol(at, author('alice'));
  const next = await renewKey(at, alice);
  expect(await at.store.findAccount('alice')).toMatchObject({ fingerprint: next.signer.fingerprint });
  const [stored] = await at.store.renewalsOf('alice', 9);
  expect(stored).toMatchObject({ number: 1, previous: next.chain.first });
  // The answer was lost: the same chain gets a certificate.
  const { first } = next.chain;
  await renewKey(at, alice, next.signer, { first, renewals: [] });
  expect(await at.store.renewalsOf('alice', 9)).toHaveLength(1);
  const third = await renewKey(at, next, generateSigner(), next.chain);
  expect(await at.store.findAccount('alice')).toMatchObject({ fingerprint: third.signer.fingerprint });
});

test('refuses a key that another key than the registered one has signed, and a second renewal of one key', async () => {
  const alice = await enrol(at, author('alice'));
  const mallory = author('alice');
  expect(await rejectedCode(renewKey(at, mallory))).toBe('login-refused');
  expect(await rejectedCode(renewKey(at, { ...alice, user: 'bob' }))).toBe('login-refused');
  await renewKey(at, alice);
  expect(await rejectedCode(renewKey(at, alice))).toBe('login-refused');
});

test('refuses a renewal with a wrong number, and a key that a user has', async () => {
  const alice = await enrol(at, author('alice'));
  const bob = await enrol(at, author('bob'));
  expect(await rejectedCode(renewKey(at, alice, bob.signer))).toBe('login-refused');
  const next = generateSigner();
  const second = { serverId: at.server.serverId, number: 2, madeAt: 1 };
  const renewal = renewalOf({ user: 'alice', before: alice.signer, after: next }, second);
  const outcome = await at.store.renewKey('alice', {
    before: alice.signer.fingerprint,
    renewals: [{ ...renewal, previous: '' }],
    fingerprint: next.fingerprint,
    identity: next.publicKey,
  });
  expect(outcome).toBe('refused');
});

test('refuses a revoked user, and a user who has renewed the key too often', async () => {
  const alice = await enrol(at, author('alice'));
  let latest = await renewKey(at, alice);
  for (let count = 1; count < 4; count++) latest = await renewKey(at, latest, generateSigner(), latest.chain);
  expect(await rejectedCode(renewKey(at, latest, generateSigner(), latest.chain))).toBe('limit-reached');
  const bob = await enrol(at, author('bob'));
  await at.server.revoke('bob', 'keyCompromise');
  expect(await rejectedCode(renewKey(at, bob))).toBe('access-revoked');
});

test('tells the owner of an earlier key that it was renewed, at the login and at a renewal of the certificate', async () => {
  const alice = await enrol(at, author('alice'));
  const client = await at.connect(alice);
  await client.request('login', await at.loginRequest(client, alice));
  await renewKey(at, alice);
  expect((await client.first('bye')).error).toMatchObject({ code: 'key-renewed' });
  expect(await rejectedCode(renew(at, alice))).toBe('key-renewed');
  const again = await at.connect(alice);
  expect((await again.first('bye')).error).toMatchObject({ code: 'key-renewed' });
});

test('tells the owner of an earlier key only that the user is revoked, if that is so', async () => {
  const alice = await enrol(at, author('alice'));
  await renewKey(at, alice);
  await at.server.revoke('alice', 'keyCompromise');
  expect(await rejectedCode(renew(at, alice))).toBe('access-revoked');
  const again = await at.connect(alice);
  // The client renews the certificate then, and learns why.
  expect((await again.first('bye')).error).toMatchObject({ code: 'certificate-refused' });
});
