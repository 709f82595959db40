import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { encodeKeyUsage, readKeyUsage } from '../../src/x509/key-usage.ts';

test('readKeyUsage reads every value of encodeKeyUsage', () => {
  for (let flags = 1; flags < 512; flags++) {
    expect(readKeyUsage(encodeKeyUsage(flags).subarray(2))).toBe(flags);
  }
});

test('encodeKeyUsage writes the bytes that openssl writes', () => {
  const hex = (flags: number) => Buffer.from(encodeKeyUsage(flags)).toString('hex');
  expect([hex(1), hex(32 | 64), hex(256), hex(1 | 4)]).toEqual(['03020780', '03020106', '0303070080', '030205a0']);
});

test.each([
  ['', 'malformed'],
  ['00', 'malformed'],
  ['06000040', 'malformed'],
  ['0000000001', 'malformed'],
  ['010000', 'malformed'],
  ['050001', 'malformed'],
  ['0000', 'not-canonical'],
  ['0080', 'not-canonical'],
])('readKeyUsage refuses %s with %s', (hex, code) => {
  expect(thrownCode(() => readKeyUsage(Buffer.from(hex, 'hex')))).toBe(code);
});
