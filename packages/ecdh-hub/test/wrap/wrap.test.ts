/** Wraps: both backends against each other, and the binding of each envelope. */

import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { generateKeyPair } from '../../src/keys/key-pair.ts';
import { requireSuite, type Suite } from '../../src/suite.ts';
import { encodeBinding } from '../../src/wrap/binding.ts';
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../../src/wrap/envelope.ts';
import { unwrapKey, wrapKey } from '../../src/wrap/wrap.ts';
import {
  backends,
  crossings,
  curveSuites,
  everyBackendAndSuite,
  flipBit,
  hex,
  native,
  outcomeOf,
  portable,
  seededKeys,
  seededRandom,
  suites,
  toHex,
  utf8,
} from '../support/setting.ts';

const key = new Uint8Array(32).map((_, i) => i);
const context = utf8('room 1, epoch 1');

function wrap(backend: Backend, suite: Suite, seed = 'hub', wrapped = key, bound = context): Envelope {
  const { publicKey } = seededKeys(suite);
  return wrapKey(backend, {
    suite: requireSuite(suite, 'invalid-argument'),
    random: seededRandom(seed),
    clientPublic: publicKey,
    key: wrapped,
    context: bound,
  });
}

const arbitraryKey = fc.uint8Array({ minLength: 16, maxLength: 64 });
const arbitraryContext = fc.uint8Array({ maxLength: 512 });

describe.each(crossings)('$writerName writes, $readerName reads', ({ writer, reader }) => {
  test.each(suites)('%s: any key with any context is unwrapped', (suite) => {
    const keys = seededKeys(suite);
    fc.assert(
      fc.property(fc.string(), arbitraryKey, arbitraryContext, (seed, wrapped, bound) => {
        const envelope = wrap(writer, suite, seed, wrapped, bound);
        expect(unwrapKey(reader, { keys, envelope, context: bound })).toEqual(wrapped);
      }),
      { numRuns: 10 },
    );
  });
});

test.each(suites)('%s: both backends make the same keys and the same envelope of the same random bytes', (suite) => {
  fc.assert(
    fc.property(fc.string(), arbitraryKey, arbitraryContext, (seed, wrapped, bound) => {
      const parameters = requireSuite(suite, 'invalid-argument');
      expect(generateKeyPair(native, parameters, seededRandom(seed))).toEqual(
        generateKeyPair(portable, parameters, seededRandom(seed)),
      );
      expect(wrap(native, suite, seed, wrapped, bound)).toEqual(wrap(portable, suite, seed, wrapped, bound));
    }),
    { numRuns: 10 },
  );
});

test.each(everyBackendAndSuite)('results are plain arrays that share no memory: $name, $suite', (setting) => {
  const envelope = wrap(setting.backend, setting.suite);
  const unwrapped = unwrapKey(setting.backend, { keys: seededKeys(setting.suite), envelope, context });
  for (const bytes of [envelope.publicKey, envelope.salt, envelope.iv, envelope.ciphertext, unwrapped]) {
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  }
});

describe.each(everyBackendAndSuite)('an envelope is bound, $name, $suite', ({ backend, suite }) => {
  const keys = seededKeys(suite);
  const envelope = wrap(native, suite);
  const open = (changed: Partial<Envelope>, bound = context) =>
    outcomeOf(() => unwrapKey(backend, { keys, envelope: { ...envelope, ...changed }, context: bound }));

  test('and opens if nothing is changed', () => {
    expect(open({})).toBe('none');
  });

  test('to the context', () => {
    expect(open({}, new Uint8Array())).toBe('unwrap-failed');
    expect(open({}, utf8('room 1, epoch 2'))).toBe('unwrap-failed');
    expect(open({}, context.subarray(1))).toBe('unwrap-failed');
    expect(open({}, Uint8Array.of(...context, 0))).toBe('unwrap-failed');
  });

  test('to the client key', () => {
    expect(thrownCode(() => unwrapKey(backend, { keys: seededKeys(suite, 'other'), envelope, context }))).toBe(
      'unwrap-failed',
    );
  });

  test('to the ephemeral key, the salt, the iv and the ciphertext of the same wrap', () => {
    const other = wrap(native, suite, 'another wrap');
    expect(open({ publicKey: other.publicKey })).toBe('unwrap-failed');
    expect(open({ salt: other.salt })).toBe('unwrap-failed');
    expect(open({ iv: other.iv })).toBe('unwrap-failed');
    expect(open({ ciphertext: other.ciphertext })).toBe('unwrap-failed');
  });
});

/** The agreement ignores this bit (RFC 7748, section 5); the binding includes it. */
test.each(backends)('%s backend: an envelope is bound to the unused top bit of an X25519 key', (_, backend) => {
  const envelope = wrap(native, 'X25519');
  const publicKey = flipBit(envelope.publicKey, 255);
  expect(
    thrownCode(() => unwrapKey(backend, { keys: seededKeys('X25519'), envelope: { ...envelope, publicKey }, context })),
  ).toBe('unwrap-failed');
});

const refusals = new Set(['unwrap-failed', 'invalid-envelope', 'invalid-public-key']);

function refusalAt(backend: Backend, suite: Suite, bit: number): string {
  const damaged = flipBit(encodeEnvelope(wrapped[suite]), bit);
  return thrownCode(() => unwrapKey(backend, { keys: seededPairs[suite], envelope: decodeEnvelope(damaged), context }));
}

const seededPairs = {
  'P-384': seededKeys('P-384'),
  'P-256': seededKeys('P-256'),
  X25519: seededKeys('X25519'),
  'X-Wing': seededKeys('X-Wing'),
};
const wrapped = {
  'P-384': wrap(native, 'P-384'),
  'P-256': wrap(native, 'P-256'),
  X25519: wrap(native, 'X25519'),
  'X-Wing': wrap(native, 'X-Wing'),
};

test.each(curveSuites)('native backend, %s: an envelope with any changed bit is refused', (suite) => {
  const bits = encodeEnvelope(wrapped[suite]).length * 8;
  for (let bit = 0; bit < bits; bit++) expect(refusals, `bit ${bit}`).toContain(refusalAt(native, suite, bit));
});

test('native backend, X-Wing: an envelope with any changed bit is refused', () => {
  const bits = encodeEnvelope(wrapped['X-Wing']).length * 8;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bits - 1 }), (bit) => {
      expect(refusals).toContain(refusalAt(native, 'X-Wing', bit));
    }),
    { numRuns: 300 },
  );
});

test.each(suites)('portable backend, %s: an envelope with any changed bit is refused', (suite) => {
  const bits = encodeEnvelope(wrapped[suite]).length * 8;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bits - 1 }), (bit) => {
      expect(refusals).toContain(refusalAt(portable, suite, bit));
    }),
    { numRuns: 60 },
  );
});

test('bytes that move between the fields of a binding change its encoding', () => {
  const bindingOf = (suite: Suite, ...[hubPublic, clientPublic, bound]: [Uint8Array, Uint8Array, Uint8Array]) =>
    encodeBinding({ suite, hubPublic, clientPublic, context: bound });
  const fields = fc.tuple(fc.constantFrom(...suites), ...[1, 2, 3].map(() => fc.uint8Array({ maxLength: 4 })));
  fc.assert(
    fc.property(fields, fields, (one, two) => {
      const encode = ([suite, a, b, c]: typeof one) =>
        toHex(bindingOf(suite, a ?? new Uint8Array(), b ?? new Uint8Array(), c ?? new Uint8Array()));
      expect(encode(one) === encode(two)).toBe(JSON.stringify(one) === JSON.stringify(two));
    }),
  );
  expect(bindingOf('P-384', hex('01'), hex('0203'), hex(''))).not.toEqual(
    bindingOf('P-384', hex('0102'), hex('03'), hex('')),
  );
});
