/** Challenges that keys of each curve answer: the curve is the one of the verifier in the server's records. */
import { describe, expect, test } from 'vitest';
import { curves, p256, p384 } from '../support/curves.ts';
import { native, pairings } from '../support/engine.ts';
import { bytes, outcomeOfPromise } from '../support/inputs.ts';

const terms = { purpose: 'login', channel: new Uint8Array(32).fill(5) };
const answerer = { ...terms, username: 'alice' };
const now = 1_700_000_000_000;

describe.each(pairings)('%s', (_name, server, client) => {
  test.each(curves)('a key of $name proves the identity once', async ({ options, derBytes }) => {
    const store = server.createMemoryChallengeStore(1);
    const key = client.generateSigner(options);
    const challenge = await server.issueChallenge(store, { ...terms, now, lifetimeMs: 1000 });
    const answer = client.answerChallenge(key, challenge, answerer);
    expect(answer.length).toBeLessThanOrEqual(derBytes);
    const verifier = server.importVerifier(key.publicKey, { ...options, lowS: true });
    const check = { ...answerer, challenge, answer, verifier, now };
    expect(await server.verifyChallenge(store, check)).toEqual({ username: 'alice', fingerprint: key.fingerprint });
    expect(await outcomeOfPromise(() => server.verifyChallenge(store, check))).toBe('unknown-challenge');
  });

  test.each([
    { expected: p384, used: p256 },
    { expected: p256, used: p384 },
  ])('a key of $used.name does not answer for a user whose key is of $expected.name', async ({ expected, used }) => {
    const store = server.createMemoryChallengeStore(1);
    const challenge = await server.issueChallenge(store, { ...terms, now, lifetimeMs: 1000 });
    const answer = client.answerChallenge(client.generateSigner(used.options), challenge, answerer);
    const verifier = server.importVerifier(client.generateSigner(expected.options).publicKey, expected.options);
    const check = { ...answerer, challenge, answer, verifier, now };
    expect(await outcomeOfPromise(() => server.verifyChallenge(store, check))).toBe('wrong-answer');
  });
});

test('a signature of one curve is no signature of the other, also where its numbers are in range', () => {
  const domain = { protocol: 'test/1', purpose: 'curve', context: '' };
  const keys = curves.map(({ name, options }) => {
    const signer = native.generateSigner(options);
    return { name, signer, verifier: native.importVerifier(signer.publicKey, options) };
  });
  for (const encoding of ['der', 'p1363'] as const) {
    for (const { name: made, signer } of keys) {
      const signature = signer.sign(domain, bytes('x'), encoding);
      for (const { name: checked, verifier } of keys) {
        expect(verifier.verify(domain, bytes('x'), signature, encoding)).toBe(made === checked);
      }
    }
  }
});
