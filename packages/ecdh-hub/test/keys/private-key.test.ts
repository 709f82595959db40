/** Private keys: their range, and drawing them. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { clientCreateKeys, hubExchange } from '../../src/index.ts';
import { drawPrivateKey, requirePrivateKey } from '../../src/keys/private-key.ts';
import { requireSuite } from '../../src/suite.ts';
import { hex, outcomeOf, seededKeys, utf8 } from '../support/setting.ts';

/** SEC 2, sections 2.4.2 and 2.5.1. */
const orders = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

describe.each(['P-384', 'P-256'] as const)('%s', (name) => {
  const suite = requireSuite(name, 'invalid-argument');
  const order = orders[name];
  const scalar = (value: bigint) => hex(value.toString(16).padStart(2 * suite.privateKeyBytes, '0'));
  const largest = 2n ** BigInt(8 * suite.privateKeyBytes) - 1n;

  test.each([1n, 2n, 255n, 256n, order / 2n, order - 256n, order - 1n])('%i is a private key', (value) => {
    expect(outcomeOf(() => requirePrivateKey(scalar(value), suite))).toBe('none');
  });

  test.each([0n, order, order + 1n, order + 256n, largest])('%i is out of range', (value) => {
    expect(thrownCode(() => requirePrivateKey(scalar(value), suite))).toBe('invalid-private-key');
  });

  test('draws until a draw is in range, and uses it unchanged', () => {
    const draws = [0n, order, largest, order - 1n, 5n].map(scalar);
    let drawn = 0;
    const key = drawPrivateKey(suite, () => draws[drawn++] ?? new Uint8Array());
    expect(key).toEqual(scalar(order - 1n));
    expect(drawn).toBe(4);
  });

  test('refuses a generator that is stuck', () => {
    expect(thrownCode(() => clientCreateKeys(name, (bytes) => new Uint8Array(bytes)))).toBe('invalid-argument');
  });
});

test('exactly the strings of 32 bytes are X25519 private keys', () => {
  const suite = requireSuite('X25519', 'invalid-argument');
  expect(outcomeOf(() => requirePrivateKey(new Uint8Array(32), suite))).toBe('none');
  expect(thrownCode(() => requirePrivateKey(new Uint8Array(31), suite))).toBe('invalid-private-key');
});

test('the result of a generator is copied, so that it may reuse its buffer', () => {
  const shared = new Uint8Array(64);
  let draws = 0;
  const random = (bytes: number) => shared.fill(++draws).subarray(0, bytes);
  const { publicKey } = seededKeys('X25519');
  const envelope = hubExchange(publicKey, new Uint8Array(32), utf8('c'), { suite: 'X25519', random });
  expect(envelope.salt).toEqual(new Uint8Array(16).fill(2));
  expect(envelope.iv).toEqual(new Uint8Array(12).fill(3));
  expect(shared[0]).toBe(3);
});

test.each([
  ['too few bytes', () => new Uint8Array(1)],
  ['too many bytes', () => new Uint8Array(512)],
  ['no bytes', () => 'entropy' as unknown as Uint8Array],
])('a generator that returns %s is refused', (_, random) => {
  expect(thrownCode(() => clientCreateKeys('X25519', random))).toBe('invalid-argument');
});
