/** Counts the work that the server does for one certificate request. */
import crypto, { type KeyObject, X509Certificate } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { author, enrol, renew } from '../support/enrolling.ts';
import { testServer } from '../support/test-server.ts';

const parse = vi.spyOn(crypto, 'createPublicKey');
const verify = vi.spyOn(crypto, 'verify');

// Modules that import these functions by name see the spies from then on.
beforeEach(() => {
  syncBuiltinESMExports();
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

test('parses a certificate request once and verifies its signature once, for an enrolment and for a renewal', async () => {
  await using at = await testServer();
  const alice = await enrol(at, author('alice'));
  const renewed = await renew(at, alice);
  for (const { certificate } of [alice, renewed]) {
    const { publicKey } = new X509Certificate(certificate);
    // mini-ca makes a key object of a request's key from this text, once for each time that it parses the request.
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const parsed = parse.mock.calls.filter(([input]) => input === pem);
    const verified = verify.mock.calls.filter(([, , key]) => publicKey.equals(key as KeyObject));
    expect([parsed.length, verified.length]).toEqual([1, 1]);
  }
});
