/** Public keys that no hub and no client may use: each is refused by each backend, on both sides. */
import { describe, expect, test } from 'vitest';
import { getKeyFromHub, hubExchange } from '../src/index.ts';
import { suiteNamed } from '../src/keys/suite.ts';
import { unwrapKey, wrapKey } from '../src/wrap/wrap.ts';
import { curveB, fields, invalid, invalidPoints, malformed, modularRoot, point } from './invalid-points.ts';
import { backends, codeOf, everyBackendAndSuite, native, seededKeys, seededRandom, suites, utf8 } from './setting.ts';

const key = new Uint8Array(32).fill(7);
const context = utf8('room 1, epoch 1');

describe.each(backends)('%s backend', (_, backend) => {
  test.each(invalidPoints)('the hub refuses a client key of %s: %s', (suite, __, publicKey) => {
    const parameters = suiteNamed(suite, 'invalid-argument');
    const work = () => wrapKey(backend, parameters, seededRandom('hub'), publicKey, key, context);
    expect(codeOf(work)).toBe('invalid-public-key');
  });

  test.each(invalidPoints)('the client refuses an ephemeral key of %s: %s', (suite, __, publicKey) => {
    const keys = seededKeys(suite);
    const good = wrapKey(
      native,
      suiteNamed(suite, 'invalid-argument'),
      seededRandom('hub'),
      keys.publicKey,
      key,
      context,
    );
    expect(codeOf(() => unwrapKey(backend, keys, { ...good, publicKey }, context))).toBe('invalid-public-key');
  });

  test.each(['P-384', 'P-256'] as const)('a stored key pair of %s with a bad point is refused', (suite) => {
    const keys = seededKeys(suite);
    const good = wrapKey(
      native,
      suiteNamed(suite, 'invalid-argument'),
      seededRandom('hub'),
      keys.publicKey,
      key,
      context,
    );
    for (const [, publicKey] of invalid(suite)) {
      expect(codeOf(() => unwrapKey(backend, { ...keys, publicKey }, good, context))).toBe('invalid-public-key');
    }
  });

  test.each(invalidPoints)('the check of a key refuses %s: %s', (suite, __, publicKey) => {
    expect(codeOf(() => backend.agreements[suite].check(publicKey))).toBe('invalid-public-key');
  });

  test.each(suites)('the check of a key takes one of %s', (suite) => {
    expect(codeOf(() => backend.agreements[suite].check(seededKeys(suite).publicKey))).toBe('none');
  });

  test('a point with x = 0 is on the curve and is used', () => {
    for (const suite of ['P-384', 'P-256'] as const) {
      const publicKey = point(suite, 0n, modularRoot(curveB[suite], fields[suite].p));
      const parameters = suiteNamed(suite, 'invalid-argument');
      expect(wrapKey(backend, parameters, seededRandom('hub'), publicKey, key, context).suite).toBe(suite);
    }
  });
});

describe.each(['P-384', 'P-256'] as const)('%s', (suite) => {
  test.each(malformed(suite))('refused everywhere: %s', (_, publicKey) => {
    const keys = seededKeys(suite);
    const envelope = hubExchange(keys.publicKey, key, context, { suite });
    expect(codeOf(() => hubExchange(publicKey, key, context, { suite }))).toBe('invalid-public-key');
    expect(codeOf(() => getKeyFromHub(keys, { ...envelope, publicKey }, context))).toBe('invalid-public-key');
    expect(codeOf(() => getKeyFromHub({ ...keys, publicKey }, envelope, context))).toBe('invalid-public-key');
  });
});

test.each(everyBackendAndSuite)(
  'a stored pair that does not match fails closed: $name, $suite',
  ({ backend, suite }) => {
    const [keys, other] = [seededKeys(suite), seededKeys(suite, 'other')];
    const mixed = { ...keys, publicKey: other.publicKey };
    const parameters = suiteNamed(suite, 'invalid-argument');
    for (const { publicKey } of [keys, other]) {
      const envelope = wrapKey(native, parameters, seededRandom('hub'), publicKey, key, context);
      expect(codeOf(() => unwrapKey(backend, mixed, envelope, context))).toBe('unwrap-failed');
    }
  },
);
