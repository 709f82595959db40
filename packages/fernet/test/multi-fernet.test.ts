/** Many keys: which one encrypts, which ones decrypt, and rotation. */
import { describe, expect, test, vi } from 'vitest';
import { base64url, codeOf, forge, fromBase64url, KEY } from './forge.ts';
import { libraries } from './libraries.ts';

describe.each(libraries)('$name', ({ Fernet, MultiFernet, InvalidToken, backend }) => {
  const [newer, older, stranger] = [1, 2, 3].map(() => new Fernet(Fernet.generateKey())) as [
    InstanceType<typeof Fernet>,
    InstanceType<typeof Fernet>,
    InstanceType<typeof Fernet>,
  ];
  const both = new MultiFernet([newer, older]);

  test('encrypts with the first key only', () => {
    expect(newer.decryptText(both.encrypt('x'))).toBe('x');
    expect(codeOf(() => older.decrypt(both.encrypt('x')))).toBe('invalid-token');
    expect(newer.extractTimestamp(both.encryptAtTime('x', 5))).toBe(5);
  });

  test('decrypts with every key', () => {
    for (const fernet of [newer, older]) {
      const token = fernet.encryptAtTime('x', 77);
      expect(both.decryptText(token)).toBe('x');
      expect(both.decrypt(token)).toEqual(new Uint8Array([0x78]));
      expect(both.decryptAtTime(token, { ttl: 1, now: 78 })).toEqual(new Uint8Array([0x78]));
      expect(codeOf(() => both.decryptAtTime(token, { ttl: 1, now: 79 }))).toBe('invalid-token');
      expect(both.extractTimestamp(token)).toBe(77);
    }
    const foreign = stranger.encrypt('x');
    for (const method of ['decrypt', 'decryptText', 'extractTimestamp', 'rotate'] as const) {
      expect(() => both[method](foreign)).toThrow(InvalidToken);
    }
  });

  test('rotate: first key, same data, new IV, same timestamp', () => {
    for (const fernet of [newer, older]) {
      const old = fernet.encryptAtTime('data', 1234);
      const rotated = both.rotate(old);
      expect(newer.decryptText(rotated)).toBe('data');
      expect(newer.extractTimestamp(rotated)).toBe(1234);
      expect(fromBase64url(rotated).subarray(9, 25)).not.toEqual(fromBase64url(old).subarray(9, 25));
    }
  });

  test('rotate keeps a timestamp to the last bit, and does not look at age', () => {
    const ring = new MultiFernet([newer, new Fernet(KEY)]);
    for (const timestamp of [0n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
      const rotated = ring.rotate(base64url(forge({ timestamp })));
      expect(fromBase64url(rotated).readBigUInt64BE(1)).toBe(timestamp);
      expect(newer.decrypt(rotated)).toHaveLength(0);
    }
  });

  test('keys that share a signing half: the one that decrypts is found', () => {
    const sibling = Buffer.from(KEY);
    sibling[31] = 0xaa;
    const token = base64url(forge({ padded: Buffer.from('fifteen bytes!!\x01'), key: sibling }));
    const ring = new MultiFernet([new Fernet(KEY), new Fernet(sibling)]);
    expect(codeOf(() => new Fernet(KEY).decrypt(token))).toBe('invalid-token');
    expect(ring.decryptText(token)).toBe('fifteen bytes!!');
  });

  test('a token is read once, however many the keys', () => {
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

  test('keeps its own list', () => {
    const list = [newer];
    const ring = new MultiFernet(list);
    list[0] = stranger;
    expect(newer.decryptText(ring.encrypt('x'))).toBe('x');
    expect(newer.decryptText(new MultiFernet(new Set([newer])).encrypt('x'))).toBe('x');
  });

  test('takes at least one Fernet and nothing else', () => {
    const bad: unknown[] = [
      [],
      undefined,
      null,
      5,
      'key',
      {},
      [newer, null],
      [{}],
      [KEY],
      [Fernet.generateKey()],
      newer,
    ];
    for (const fernets of bad) {
      expect(codeOf(() => new MultiFernet(fernets as []))).toBe('invalid-argument');
    }
  });
});
