/** A newer certificate supersedes the older ones of its user. */
import { createCertRequest, createKeyPair, MemoryLedger, readCertificate, readCrl } from '@chat/mini-ca';
import { generateSigner } from '@chat/signatures';
import { expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { Certificates } from '../../src/identity/certificates.ts';
import { author, enrol, renew } from '../support/enrolling.ts';
import { outcomeOf } from '../support/test-client.ts';
import { authority, type Citizen, type TestServer, testServer } from '../support/test-server.ts';

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

/** Logs in and returns `ok`, or the code of the refusal. */
async function loginOutcome(at: TestServer, who: Citizen): Promise<unknown> {
  const client = await at.connect(who);
  const outcome = await outcomeOf(client.request('login', await at.loginRequest(client, who)));
  return typeof outcome === 'string' ? outcome : 'ok';
}

test('the two newest certificates of a user log in, and an older one is refused until it is renewed', async () => {
  await using at = await testServer();
  const first = await enrol(at, author('alice'));
  const second = await renew(at, first);
  expect([await loginOutcome(at, first), await loginOutcome(at, second)]).toEqual(['ok', 'ok']);
  const third = await renew(at, second);
  expect(await loginOutcome(at, first)).toBe('certificate-superseded');
  expect([await loginOutcome(at, second), await loginOutcome(at, third)]).toEqual(['ok', 'ok']);
  // Only a client that has proved the identity key learns of newer certificates.
  expect(await loginOutcome(at, { ...first, signer: generateSigner() })).toBe('login-refused');
  expect(await loginOutcome(at, await renew(at, first))).toBe('ok');
});

test('a certificate from a time when the clock was ahead supersedes no later one', async () => {
  const clock = { now: Date.now() };
  await using at = await testServer({ clock: () => clock.now });
  const early = await enrol(at, author('alice'));
  clock.now += 400 * dayMs;
  const wrong = await renew(at, early);
  clock.now -= 400 * dayMs;
  const right = await renew(at, early);
  const next = await renew(at, right);
  expect([await loginOutcome(at, right), await loginOutcome(at, next)]).toEqual(['ok', 'ok']);
  expect(await at.store.certificatesOf('alice')).toEqual(
    [right, next].map(({ certificate }) => readCertificate(certificate).serial),
  );
  expect(await at.server.revoke('alice', 'keyCompromise')).toMatchObject({ certificates: 2 });
  expect(readCertificate(wrong.certificate).notBefore.getTime()).toBeGreaterThan(clock.now);
});

test('a server that dies between the ledger and the directory supersedes nothing', async () => {
  const disk = new MemoryDisk();
  const store = createMemoryStore(disk);
  const { assignCertificate } = store;
  let dying = false;
  Object.assign(store, {
    assignCertificate: async (...args: Parameters<typeof assignCertificate>) => {
      if (dying) throw new Error('killed');
      return assignCertificate(...args);
    },
  });
  await using at = await testServer({ store });
  const alice = await enrol(at, author('alice'));
  dying = true;
  for (let attempt = 0; attempt < 3; attempt++) expect(await outcomeOf(renew(at, alice))).toBe('internal');
  dying = false;
  await using restarted = await testServer({ store: createMemoryStore(disk) });
  expect(await loginOutcome(restarted, alice)).toBe('ok');
  expect(await loginOutcome(restarted, await renew(restarted, alice))).toBe('ok');
});

test('a certificate that the server has forgotten, as after a restore, is renewed', async () => {
  const disk = new MemoryDisk();
  await using at = await testServer({ store: createMemoryStore(disk) });
  const alice = await enrol(at, author('alice'));
  disk.certificates.clear();
  expect(await loginOutcome(at, alice)).toBe('certificate-superseded');
  expect(await loginOutcome(at, await renew(at, alice))).toBe('ok');
});

test('after 1,000 renewals a revocation lists two certificates, and none once they have expired', async () => {
  const clock = { now: Date.now() };
  const store = createMemoryStore();
  const ledger = new MemoryLedger();
  const certificates = new Certificates({ authority, ledger, directory: store, clock: () => clock.now });
  const { fingerprint, publicKey: identity } = generateSigner();
  await store.register({ user: 'alice', fingerprint, identity, enrolledAt: 1 }, null);
  const request = createCertRequest(createKeyPair('ec', 'P-256'), {});
  const checked = certificates.checkRequest({ user: 'alice', fingerprint }, request);
  for (let renewal = 0; renewal < 1_000; renewal++) await certificates.issueClient(checked);
  expect(await store.certificatesOf('alice')).toHaveLength(2);

  expect(await certificates.revokeCertificatesOf('alice', 'keyCompromise')).toBe(2);
  const listed = async () => readCrl(await certificates.createRevocationList()).revoked.size;
  expect(await listed()).toBe(2);
  clock.now += 25 * hourMs;
  // The list after the end of a certificate has it once more (RFC 5280, section 3.3).
  expect([await listed(), await listed()]).toEqual([2, 0]);
  expect(await store.certificatesOf('alice')).toHaveLength(2);
  clock.now += 30 * dayMs;
  expect(await listed()).toBe(0);
  expect(await store.certificatesOf('alice')).toEqual([]);
});
