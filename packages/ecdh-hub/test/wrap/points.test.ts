/** Invalid public keys: each backend refuses each of them on both sides. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { type Envelope, getKeyFromHub, hubExchange, type Suite } from '../../src/index.ts';
import { kemOf } from '../../src/kem/kem-of.ts';
import { requireSuite } from '../../src/suite.ts';
import { unwrapKey, wrapKey } from '../../src/wrap/wrap.ts';
import { curveB, fields, invalid, invalidPoints, malformed, modularRoot, point } from '../support/invalid-points.ts';
import {
  backends,
  everyBackendAndSuite,
  native,
  outcomeOf,
  seededKeys,
  seededRandom,
  suites,
  utf8,
} from '../support/setting.ts';

const key = new Uint8Array(32).fill(7);
const context = utf8('room 1, epoch 1');

function wrapFor(backend: Backend, suite: Suite, clientPublic: Uint8Array): Envelope {
  const parameters = requireSuite(suite, 'invalid-argument');
  return wrapKey(backend, { suite: parameters, random: seededRandom('hub'), clientPublic, key, context });
}

describe.each(backends)('%s backend', (_, backend) => {
  test.each(invalidPoints)('the hub refuses a client key of %s: %s', (suite, __, publicKey) => {
    expect(thrownCode(() => wrapFor(backend, suite, publicKey))).toBe('invalid-public-key');
  });

  test.each(invalidPoints)('the client refuses an ephemeral key of %s: %s', (suite, __, publicKey) => {
    const keys = seededKeys(suite);
    const good = wrapFor(native, suite, keys.publicKey);
    expect(thrownCode(() => unwrapKey(backend, { keys, envelope: { ...good, publicKey }, context }))).toBe(
      'invalid-public-key',
    );
  });

  test.each(['P-384', 'P-256'] as const)('a stored key pair of %s with a bad point is refused', (suite) => {
    const keys = seededKeys(suite);
    const good = wrapFor(native, suite, keys.publicKey);
    for (const [, publicKey] of invalid(suite)) {
      expect(thrownCode(() => unwrapKey(backend, { keys: { ...keys, publicKey }, envelope: good, context }))).toBe(
        'invalid-public-key',
      );
    }
  });

  test.each(invalidPoints)('the check of keys refuses one of %s: %s', (suite, __, publicKey) => {
    expect(thrownCode(() => backend.agreements[suite].check(publicKey))).toBe('invalid-public-key');
  });

  test.each(suites)('the check of keys accepts one of %s', (suite) => {
    const { check } = kemOf(backend, requireSuite(suite, 'invalid-argument'));
    expect(outcomeOf(() => check(seededKeys(suite).publicKey))).toBe('none');
  });

  test('a point with x = 0 is on the curve and is accepted', () => {
    for (const suite of ['P-384', 'P-256'] as const) {
      const publicKey = point(suite, 0n, modularRoot(curveB[suite], fields[suite].p));
      expect(wrapFor(backend, suite, publicKey).suite).toBe(suite);
    }
  });
});

describe.each(['P-384', 'P-256'] as const)('%s', (suite) => {
  test.each(malformed(suite))('all functions refuse a malformed key: %s', (_, publicKey) => {
    const keys = seededKeys(suite);
    const envelope = hubExchange(keys.publicKey, key, context, { suite });
    expect(thrownCode(() => hubExchange(publicKey, key, context, { suite }))).toBe('invalid-public-key');
    expect(thrownCode(() => getKeyFromHub(keys, { ...envelope, publicKey }, context))).toBe('invalid-public-key');
    expect(thrownCode(() => getKeyFromHub({ ...keys, publicKey }, envelope, context))).toBe('invalid-public-key');
  });
});

test.each(everyBackendAndSuite)(
  'a stored pair that does not match opens nothing, and is named as the cause: $name, $suite',
  ({ backend, suite }) => {
    const [keys, other] = [seededKeys(suite), seededKeys(suite, 'other')];
    const mixed = { ...keys, publicKey: other.publicKey };
    for (const { publicKey } of [keys, other]) {
      const envelope = wrapFor(native, suite, publicKey);
      expect(thrownCode(() => unwrapKey(backend, { keys: mixed, envelope, context }))).toBe('invalid-private-key');
    }
  },
);
