/** Decryption returns the encrypted data for every combination of backends, in memory that belongs to the caller. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { fromBase64url, testKey } from './support/forge.ts';
import { crossings, libraries } from './support/libraries.ts';

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
const times = fc.integer({ min: 0, max: 2 ** 33 });
const text = fc.string({ unit: 'grapheme', maxLength: 200 });

describe.each(crossings)('$way', ({ writer, reader }) => {
  test('decrypts any data, key and time', () => {
    fc.assert(
      fc.property(keys, fc.uint8Array({ maxLength: 600 }), times, (key, data, now) => {
        const token = new writer.Fernet(key).encryptAtTime(data, now);
        const fernet = new reader.Fernet(writer.backend.encodeBase64url(key));
        expect(fernet.decryptAtTime(token, { ttl: 0, now })).toEqual(data);
        expect(fernet.extractTimestamp(token)).toBe(now);
      }),
    );
  });

  test('decrypts data of every length up to seven blocks, and of long ones, under one key', () => {
    const [from, to] = [new writer.Fernet(testKey), new reader.Fernet(testKey)];
    for (const length of [...Array(113).keys(), 16_383, 16_384, 65_537, 1 << 18]) {
      const data = new Uint8Array(length).map((_, i) => i * 31 + length);
      const token = from.encrypt(data);
      expect(token).toHaveLength(4 * Math.ceil((57 + 16 * (Math.floor(length / 16) + 1)) / 3));
      expect(Buffer.compare(to.decrypt(token), data)).toBe(0);
    }
  });

  test('decrypts any text', () => {
    fc.assert(
      fc.property(text, (data) => {
        const token = new writer.Fernet(testKey).encrypt(data);
        expect(new reader.Fernet(testKey).decryptText(token)).toBe(data);
        expect(new reader.Fernet(testKey).decrypt(token)).toEqual(new TextEncoder().encode(data));
      }),
    );
    const withMark = '\ufeffbegins with a byte order mark';
    expect(new reader.Fernet(testKey).decryptText(new writer.Fernet(testKey).encrypt(withMark))).toBe(withMark);
  });

  test('makes the same token of the same parts', () => {
    const iv = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(keys, fc.uint8Array({ maxLength: 100 }), times, iv, (...parts) => {
        expect(writer.encryptFromParts(...parts)).toBe(reader.encryptFromParts(...parts));
      }),
    );
  });

  test('accepts a key that the other backend made', () => {
    const key = writer.Fernet.generateKey();
    expect(key).toMatch(/^[\w-]{43}=$/);
    expect(reader.Fernet.generateKey()).not.toBe(key);
    expect(new reader.Fernet(key).decryptText(new writer.Fernet(key).encrypt('x'))).toBe('x');
  });
});

describe.each(libraries)('$name', ({ Fernet }) => {
  test('uses the system clock in whole seconds', () => {
    vi.useFakeTimers({ now: 1_700_000_000_999 });
    try {
      const fernet = new Fernet(testKey);
      const token = fernet.encrypt('now');
      expect(fernet.extractTimestamp(token)).toBe(1_700_000_000);
      vi.setSystemTime(1_700_000_010_999);
      expect(fernet.decryptText(token, { ttl: 10 })).toBe('now');
      vi.setSystemTime(1_700_000_011_000);
      expect(() => fernet.decryptText(token, { ttl: 10 })).toThrow();
    } finally {
      vi.useRealTimers();
    }
  });

  test('uses no IV twice, over several draws from the pool', () => {
    const fernet = new Fernet(testKey);
    const ivs = Array.from({ length: 500 }, () => fromBase64url(fernet.encrypt('')).subarray(9, 25).toString('hex'));
    expect(new Set(ivs).size).toBe(500);
    expect(new Set(ivs.map((iv) => iv.slice(0, 8))).size).toBeGreaterThan(490);
  });

  test('does not change its input, and returns data in memory of their own', () => {
    const fernet = new Fernet(testKey);
    const data = Buffer.from('input of more than one block');
    const token = fernet.encrypt(data);
    expect(data.toString()).toBe('input of more than one block');
    const plain = fernet.decrypt(token);
    expect(plain.constructor).toBe(Uint8Array);
    expect(plain.buffer.byteLength).toBe(plain.length);
    plain.fill(0);
    expect(fernet.decryptText(token)).toBe('input of more than one block');
  });

  test.each([Buffer.from(testKey), new Uint8Array(testKey)])('copies its key: $constructor.name', (key) => {
    const fernet = new Fernet(key);
    const before = fernet.encrypt('x');
    key.fill(0);
    expect(fernet.decryptText(before)).toBe('x');
    expect(new Fernet(testKey).decryptText(fernet.encrypt('y'))).toBe('y');
  });
});
