/** The two backends against each other and against node:crypto, and the native one's running contexts after failed calls. */
import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url, flipBit } from './forge.ts';
import { backends } from './libraries.ts';

const signing = Buffer.alloc(16, 1);
const encryption = Buffer.alloc(16, 2);

const ivs = fc.uint8Array({ minLength: 16, maxLength: 16 });
const blocks = fc.integer({ min: 1, max: 20 }).chain((n) => fc.uint8Array({ minLength: 16 * n, maxLength: 16 * n }));
/** Among them lengths at which some engine fails half-way. */
const anyLength = fc.uint8Array({ maxLength: 70 });

function cbc(iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', encryption, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

describe.each(Object.entries(backends))('%s', (_, backend) => {
  const importKey = () => backend.importKey(Uint8Array.from(signing), Uint8Array.from(encryption));

  test('AES-128-CBC under one key, message after message', () => {
    const key = importKey();
    fc.assert(
      fc.property(ivs, blocks, (iv, plaintext) => {
        const expected = cbc(iv, plaintext);
        expect(Buffer.compare(key.encrypt(iv, plaintext.slice()), expected)).toBe(0);
        expect(Buffer.compare(key.decrypt(Buffer.concat([iv, expected])), plaintext)).toBe(0);
      }),
    );
  });

  test('a call that fails leaves nothing behind', () => {
    const key = importKey();
    const notWholeBlocks = fc.array(anyLength.filter(({ length }) => length % 16 !== 0));
    fc.assert(
      fc.property(notWholeBlocks, notWholeBlocks, ivs, blocks, (toEncrypt, toDecrypt, iv, plaintext) => {
        for (const bad of toEncrypt) expect(() => key.encrypt(iv, bad.slice())).toThrow();
        for (const bad of toDecrypt) expect(() => key.decrypt(bad)).toThrow();
        const expected = cbc(iv, plaintext);
        expect(Buffer.compare(key.encrypt(iv, plaintext.slice()), expected)).toBe(0);
        expect(Buffer.compare(key.decrypt(Buffer.concat([iv, expected])), plaintext)).toBe(0);
      }),
    );
  });

  test('HMAC-SHA-256', () => {
    const key = importKey();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(255), (message, bit) => {
        const mac = createHmac('sha256', signing).update(message).digest();
        expect(Buffer.compare(key.authenticate(message), mac)).toBe(0);
        expect(key.verify(message, mac)).toBe(true);
        expect(key.verify(message, flipBit(mac, bit))).toBe(false);
      }),
    );
  });

  test('what is encrypted later does not change what was encrypted before', () => {
    const key = importKey();
    const first = key.encrypt(new Uint8Array(16), new Uint8Array(32));
    const copy = Buffer.from(first);
    key.encrypt(new Uint8Array(16), new Uint8Array(32));
    expect(Buffer.compare(first, copy)).toBe(0);
    first.fill(0);
    expect(Buffer.compare(key.encrypt(new Uint8Array(16), new Uint8Array(32)), copy)).toBe(0);
  });

  test('base64url: what it writes, and that it reads nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = base64url(bytes);
        expect(backend.encodeBase64url(bytes)).toBe(text);
        const decoded = backend.decodeBase64url(text);
        expect(decoded && Buffer.compare(decoded, bytes)).toBe(0);
      }),
    );
    const nearly = fc.string({ unit: fc.constantFrom(...'AQgw_-+/=9z \nÁ\u0141'), maxLength: 12 });
    fc.assert(
      fc.property(nearly, (text) => {
        const canonical = base64url(Buffer.from(text, 'base64url')) === text;
        expect(backend.decodeBase64url(text) !== undefined).toBe(canonical);
      }),
      { numRuns: 3000 },
    );
    for (const text of ['A', 'AA', 'AAA', 'AA=', 'AA==AA==', 'AB==', 'AAB=', '=', '==', '====', 'A===', 'AAAA=']) {
      expect(backend.decodeBase64url(text)).toBeUndefined();
    }
    for (const text of ['', 'AA==', 'AAA=', 'AAAA']) expect(backend.decodeBase64url(text)).toBeDefined();
  });

  test('random bytes come in an array of their own', () => {
    const bytes = backend.randomBytes(32);
    expect(bytes.buffer.byteLength).toBe(32);
    expect(bytes).not.toEqual(backend.randomBytes(32));
  });
});
