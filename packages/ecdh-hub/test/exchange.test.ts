/** The public functions: a hub, its clients, and what they refuse. */
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
} from '../src/index.ts';
import { codeOf, seededKeys, seededRandom, suites, utf8 } from './setting.ts';

const key = new Uint8Array(32).fill(9);
const context = utf8('room 1, epoch 1');

test('P-384 is the default, for the client and for the hub', () => {
  const keys = clientCreateKeys();
  expect(keys.suite).toBe('P-384');
  const envelope = hubExchange(keys.publicKey, key, context);
  expect(envelope.suite).toBe('P-384');
  expect(getKeyFromHub(keys, envelope, context)).toEqual(key);
});

test('one hub, many clients: each opens its own envelope and no other', () => {
  const clients = [1, 2, 3, 4].map(() => clientCreateKeys('P-256'));
  const envelopes = clients.map(({ publicKey }) => sendKeyToClient(publicKey, key, context, { suite: 'P-256' }));
  for (const [c, keys] of clients.entries()) {
    for (const [e, envelope] of envelopes.entries()) {
      if (c === e) expect(getKeyFromHub(keys, envelope, context)).toEqual(key);
      else expect(codeOf(() => getKeyFromHub(keys, envelope, context))).toBe('unwrap-failed');
    }
  }
});

describe.each(suites)('%s', (suite) => {
  const keys = seededKeys(suite);

  test('key pairs have the documented sizes', () => {
    const sizes = { 'P-384': [48, 97], 'P-256': [32, 65], X25519: [32, 32] };
    const made = clientCreateKeys(suite);
    expect([made.privateKey.length, made.publicKey.length]).toEqual(sizes[suite]);
  });

  test('nothing repeats from one wrap to the next', () => {
    const one = hubExchange(keys.publicKey, key, context, { suite });
    const two = hubExchange(keys.publicKey, key, context, { suite });
    for (const field of ['publicKey', 'salt', 'iv', 'ciphertext'] as const) expect(one[field]).not.toEqual(two[field]);
  });

  test('sendKeyToClient is hubExchange for the wire, and both repeat themselves with the same random bytes', () => {
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
    expect(sizes).toEqual([keys.privateKey.length, 16, 12]);
  });

  test('changes nothing that it is given', () => {
    const given = { key: new Uint8Array(key), context: new Uint8Array(context), keys: structuredClone(keys) };
    const wire = sendKeyToClient(given.keys.publicKey, given.key, given.context, { suite });
    const kept = new Uint8Array(wire);
    getKeyFromHub(given.keys, wire, given.context);
    expect(given).toEqual({ key, context, keys });
    expect(wire).toEqual(kept);
  });

  test('takes Buffers', () => {
    const { privateKey, publicKey } = keys;
    const stored: KeyPair = { suite, privateKey: Buffer.from(privateKey), publicKey: Buffer.from(publicKey) };
    const wire = Buffer.from(sendKeyToClient(stored.publicKey, Buffer.from(key), Buffer.from(context), { suite }));
    expect(getKeyFromHub(stored, wire, Buffer.from(context))).toEqual(key);
  });

  test('takes keys of 16 to 64 bytes only', () => {
    for (const size of [0, 15, 65, 100]) {
      const wrong = new Uint8Array(size);
      expect(codeOf(() => hubExchange(keys.publicKey, wrong, context, { suite }))).toBe('invalid-key');
    }
    expect(codeOf(() => hubExchange(keys.publicKey, 'k'.repeat(32) as never, context, { suite }))).toBe('invalid-key');
  });

  test('takes contexts of up to 512 bytes only', () => {
    const longest = new Uint8Array(512);
    const envelope = hubExchange(keys.publicKey, key, longest, { suite });
    expect(getKeyFromHub(keys, envelope, longest)).toEqual(key);
    for (const wrong of [new Uint8Array(513), 'room' as never, undefined as never]) {
      expect(codeOf(() => hubExchange(keys.publicKey, key, wrong, { suite }))).toBe('invalid-argument');
      expect(codeOf(() => getKeyFromHub(keys, envelope, wrong))).toBe('invalid-argument');
    }
  });

  test('refuses a private key of the wrong size or kind', () => {
    const envelope = hubExchange(keys.publicKey, key, context, { suite });
    for (const privateKey of [keys.privateKey.subarray(1), Uint8Array.of(0, ...keys.privateKey), '00' as never]) {
      expect(codeOf(() => getKeyFromHub({ ...keys, privateKey }, envelope, context))).toBe('invalid-private-key');
    }
  });
});

test.each(['P-521', 'p-384', '', 'constructor', '__proto__'])('%s is no suite', (name) => {
  const suite = name as Suite;
  const keys = seededKeys('P-384');
  const envelope = hubExchange(keys.publicKey, key, context);
  expect(codeOf(() => clientCreateKeys(suite))).toBe('invalid-argument');
  expect(codeOf(() => hubExchange(keys.publicKey, key, context, { suite }))).toBe('invalid-argument');
  expect(codeOf(() => getKeyFromHub({ ...keys, suite }, envelope, context))).toBe('invalid-argument');
});

test('arbitrary bytes are never opened, and never raise anything but a HubError', () => {
  const keys = seededKeys('X25519');
  const beginnings = fc.constantFrom<number[]>([], [1, 3, 32], [1, 3, 16], [1, 1, 32], [1, 2, 32]);
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 200 }), (beginning, rest) => {
      const bytes = Uint8Array.of(...beginning, ...rest);
      expect(codeOf(() => getKeyFromHub(keys, bytes, context))).not.toBe('none');
    }),
    { numRuns: 500 },
  );
});

test('no error carries a secret', () => {
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
