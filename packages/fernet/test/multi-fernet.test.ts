/** Several keys: which one encrypts, which ones decrypt, and rotation. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test, vi } from 'vitest';
import { base64url, forge, fromBase64url, testKey } from './support/forge.ts';
import { libraries } from './support/libraries.ts';

describe.each(libraries)('$name', ({ Fernet, MultiFernet, InvalidToken, backend }) => {
  const [newer, older, stranger] = [1, 2, 3].map(() => new Fernet(Fernet.generateKey())) as [
    InstanceType<typeof Fernet>,
    InstanceType<typeof Fernet>,
    InstanceType<typeof Fernet>,
  ];
  const both = new MultiFernet([newer, older]);

  test('encrypts with the first key only', () => {
    expect(newer.decryptText(both.encrypt('x'))).toBe('x');
    expect(thrownCode(() => older.decrypt(both.encrypt('x')))).toBe('invalid-token');
    expect(newer.extractTimestamp(both.encryptAtTime('x', 5))).toBe(5);
  });

  test('decrypts with every key', () => {
    for (const fernet of [newer, older]) {
      const token = fernet.encryptAtTime('x', 77);
      expect(both.decryptText(token)).toBe('x');
      expect(both.decrypt(token)).toEqual(new Uint8Array([0x78]));
      expect(both.decryptAtTime(token, { ttl: 1, now: 78 })).toEqual(new Uint8Array([0x78]));
      expect(thrownCode(() => both.decryptAtTime(token, { ttl: 1, now: 79 }))).toBe('invalid-token');
      expect(both.extractTimestamp(token)).toBe(77);
    }
    const foreign = stranger.encrypt('x');
    for (const method of ['decrypt', 'decryptText', 'extractTimestamp', 'rotate'] as const) {
      expect(() => both[method](foreign)).toThrow(InvalidToken);
    }
  });

  test('rotates to the first key with the same data and timestamp and a new IV', () => {
    for (const fernet of [newer, older]) {
      const old = fernet.encryptAtTime('data', 1234);
      const rotated = both.rotate(old);
      expect(newer.decryptText(rotated)).toBe('data');
      expect(newer.extractTimestamp(rotated)).toBe(1234);
      expect(fromBase64url(rotated).subarray(9, 25)).not.toEqual(fromBase64url(old).subarray(9, 25));
    }
  });

  test('rotates tokens of any age and keeps every bit of the timestamp', () => {
    const ring = new MultiFernet([newer, new Fernet(testKey)]);
    for (const timestamp of [0n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
      const rotated = ring.rotate(base64url(forge({ timestamp })));
      expect(fromBase64url(rotated).readBigUInt64BE(1)).toBe(timestamp);
      expect(newer.decrypt(rotated)).toHaveLength(0);
    }
  });

  test('finds the key that decrypts among keys with the same signing half', () => {
    const sibling = Buffer.from(testKey);
    sibling[31] = 0xaa;
    const token = base64url(forge({ padded: Buffer.from('fifteen bytes!!\x01'), key: sibling }));
    const ring = new MultiFernet([new Fernet(testKey), new Fernet(sibling)]);
    expect(thrownCode(() => new Fernet(testKey).decrypt(token))).toBe('invalid-token');
    expect(ring.decryptText(token)).toBe('fifteen bytes!!');
  });

  test('decodes a token once for any number of keys', () => {
    const ring = new MultiFernet([...Array.from({ length: 20 }, () => new Fernet(Fernet.generateKey())), older]);
    const token = older.encrypt('x');
    const decode = vi.spyOn(backend, 'decodeBase64url');
    try {
      for (const method of ['decrypt', 'decryptText', 'extractTimestamp', 'rotate'] as const) {
        decode.mockClear();
        ring[method](token);
        expect(decode).toHaveBeenCalledTimes(1);
      }
    } finally {
      decode.mockRestore();
    }
  });

  test('copies its list of keys', () => {
    const list = [newer];
    const ring = new MultiFernet(list);
    list[0] = stranger;
    expect(newer.decryptText(ring.encrypt('x'))).toBe('x');
    expect(newer.decryptText(new MultiFernet(new Set([newer])).encrypt('x'))).toBe('x');
  });

  test('requires one or more Fernets', () => {
    const bad: unknown[] = [
      [],
      undefined,
      null,
      5,
      'key',
      {},
      [newer, null],
      [{}],
      [testKey],
      [Fernet.generateKey()],
      newer,
    ];
    for (const fernets of bad) {
      expect(thrownCode(() => new MultiFernet(fernets as []))).toBe('invalid-argument');
    }
  });
});
