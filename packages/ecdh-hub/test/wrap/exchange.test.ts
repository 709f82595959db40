/** The public functions of the exchange between a hub and its clients. */

import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clientCreateKeys,
  decodeEnvelope,
  getKeyFromHub,
  HubError,
  hubExchange,
  type KeyPair,
  type Suite,
  sendKeyToClient,
} from '../../src/index.ts';
import { outcomeOf, seededKeys, seededRandom, suites, utf8 } from '../support/setting.ts';

const key = new Uint8Array(32).fill(9);
const context = utf8('room 1, epoch 1');

test('P-384 is the default, for the client and for the hub', () => {
  const keys = clientCreateKeys();
  expect(keys.suite).toBe('P-384');
  const envelope = hubExchange(keys.publicKey, key, context);
  expect(envelope.suite).toBe('P-384');
  expect(getKeyFromHub(keys, envelope, context)).toEqual(key);
});

test('each of several clients opens its own envelope and no other', () => {
  const clients = [1, 2, 3, 4].map(() => clientCreateKeys('P-256'));
  const envelopes = clients.map(({ publicKey }) => sendKeyToClient(publicKey, key, context, { suite: 'P-256' }));
  for (const [c, keys] of clients.entries()) {
    for (const [e, envelope] of envelopes.entries()) {
      if (c === e) expect(getKeyFromHub(keys, envelope, context)).toEqual(key);
      else expect(thrownCode(() => getKeyFromHub(keys, envelope, context))).toBe('unwrap-failed');
    }
  }
});

describe.each(suites)('%s', (suite) => {
  const keys = seededKeys(suite);

  test('key pairs have the documented sizes', () => {
    const sizes = { 'P-384': [48, 97], 'P-256': [32, 65], X25519: [32, 32], 'X-Wing': [32, 1216] };
    const made = clientCreateKeys(suite);
    expect([made.privateKey.length, made.publicKey.length]).toEqual(sizes[suite]);
  });

  test('two wraps have no equal field', () => {
    const one = hubExchange(keys.publicKey, key, context, { suite });
    const two = hubExchange(keys.publicKey, key, context, { suite });
    for (const field of ['publicKey', 'salt', 'iv', 'ciphertext'] as const) expect(one[field]).not.toEqual(two[field]);
  });

  test('sendKeyToClient encodes the result of hubExchange, and the same random bytes give the same result', () => {
    const random = () => seededRandom('simulation');
    const envelope = hubExchange(keys.publicKey, key, context, { suite, random: random() });
    const wire = sendKeyToClient(keys.publicKey, key, context, { suite, random: random() });
    expect(decodeEnvelope(wire)).toEqual(envelope);
    expect(clientCreateKeys(suite, random())).toEqual(clientCreateKeys(suite, random()));
  });

  test('draws the ephemeral key, the salt and the iv, in this order', () => {
    const sizes: number[] = [];
    const random = seededRandom('order');
    hubExchange(keys.publicKey, key, context, {
      suite,
      random: (bytes) => {
        sizes.push(bytes);
        return random(bytes);
      },
    });
    expect(sizes).toEqual([suite === 'X-Wing' ? 64 : keys.privateKey.length, 16, 12]);
  });

  test('the functions do not change their arguments', () => {
    const given = { key: new Uint8Array(key), context: new Uint8Array(context), keys: structuredClone(keys) };
    const wire = sendKeyToClient(given.keys.publicKey, given.key, given.context, { suite });
    const kept = new Uint8Array(wire);
    getKeyFromHub(given.keys, wire, given.context);
    expect(given).toEqual({ key, context, keys });
    expect(wire).toEqual(kept);
  });

  test('the functions accept Buffers', () => {
    const { privateKey, publicKey } = keys;
    const stored: KeyPair = { suite, privateKey: Buffer.from(privateKey), publicKey: Buffer.from(publicKey) };
    const wire = Buffer.from(sendKeyToClient(stored.publicKey, Buffer.from(key), Buffer.from(context), { suite }));
    expect(getKeyFromHub(stored, wire, Buffer.from(context))).toEqual(key);
  });

  test('hubExchange accepts keys of 16 to 64 bytes only', () => {
    for (const size of [0, 15, 65, 100]) {
      const wrong = new Uint8Array(size);
      expect(thrownCode(() => hubExchange(keys.publicKey, wrong, context, { suite }))).toBe('invalid-key');
    }
    expect(thrownCode(() => hubExchange(keys.publicKey, 'k'.repeat(32) as never, context, { suite }))).toBe(
      'invalid-key',
    );
  });

  test('both sides accept contexts of at most 512 bytes only', () => {
    const longest = new Uint8Array(512);
    const envelope = hubExchange(keys.publicKey, key, longest, { suite });
    expect(getKeyFromHub(keys, envelope, longest)).toEqual(key);
    for (const wrong of [new Uint8Array(513), 'room' as never, undefined as never]) {
      expect(thrownCode(() => hubExchange(keys.publicKey, key, wrong, { suite }))).toBe('invalid-argument');
      expect(thrownCode(() => getKeyFromHub(keys, envelope, wrong))).toBe('invalid-argument');
    }
  });

  test('getKeyFromHub refuses a private key of the wrong size or type', () => {
    const envelope = hubExchange(keys.publicKey, key, context, { suite });
    for (const privateKey of [keys.privateKey.subarray(1), Uint8Array.of(0, ...keys.privateKey), '00' as never]) {
      expect(thrownCode(() => getKeyFromHub({ ...keys, privateKey }, envelope, context))).toBe('invalid-private-key');
    }
  });
});

test.each(['P-521', 'p-384', '', 'constructor', '__proto__'])('"%s" is not a suite', (name) => {
  const suite = name as Suite;
  const keys = seededKeys('P-384');
  const envelope = hubExchange(keys.publicKey, key, context);
  expect(thrownCode(() => clientCreateKeys(suite))).toBe('invalid-argument');
  expect(thrownCode(() => hubExchange(keys.publicKey, key, context, { suite }))).toBe('invalid-argument');
  expect(thrownCode(() => getKeyFromHub({ ...keys, suite }, envelope, context))).toBe('invalid-argument');
});

test('arbitrary bytes never open, and only cause HubErrors', () => {
  const keys = seededKeys('X25519');
  const beginnings = fc.constantFrom<number[]>([], [1, 3, 32], [1, 3, 16], [1, 1, 32], [1, 2, 32]);
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 200 }), (beginning, rest) => {
      const bytes = Uint8Array.of(...beginning, ...rest);
      expect(outcomeOf(() => getKeyFromHub(keys, bytes, context))).not.toBe('none');
    }),
    { numRuns: 500 },
  );
});

test('an error contains no secret', () => {
  const keys = seededKeys('P-256');
  const envelope = hubExchange(keys.publicKey, key, context, { suite: 'P-256' });
  try {
    getKeyFromHub(keys, envelope, utf8('another'));
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(HubError);
    expect(Object.keys(error as HubError).sort()).toEqual(['code', 'name']);
    expect((error as HubError).cause).toBeUndefined();
  }
});
