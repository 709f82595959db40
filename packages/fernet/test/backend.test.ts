/** The two backends against each other and against node:crypto, and the native one's running contexts after failed calls. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
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

/** One context for each call, which is what the running contexts must be indistinguishable from. */
function plainCbc(call: string, key: Uint8Array, iv: Uint8Array, text: Uint8Array): Buffer {
  const create = call === 'encrypt' ? createCipheriv : createDecipheriv;
  const cipher = create('aes-128-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

function cbc(iv: Uint8Array, plaintext: Uint8Array): Buffer {
  return plainCbc('encrypt', encryption, iv, plaintext);
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

  test('calls in any order on several keys, good ones and failing ones, are each as if they were the only one', () => {
    const calls = fc.array(
      fc.record({
        key: fc.nat(2),
        call: fc.constantFrom('encrypt', 'decrypt'),
        iv: ivs,
        text: fc.oneof(blocks, anyLength),
      }),
      { minLength: 2, maxLength: 30 },
    );
    const secrets = [0, 1, 2].map((i) => Buffer.alloc(16, 0x40 + i));
    const keys = secrets.map((secret) => backend.importKey(Uint8Array.from(signing), Uint8Array.from(secret)));
    fc.assert(
      fc.property(calls, (sequence) => {
        for (const { key: which, call, iv, text } of sequence) {
          const [key, secret] = [keys[which], secrets[which]];
          if (key === undefined || secret === undefined) throw new Error('there are three keys');
          const ask = () =>
            call === 'encrypt' ? key.encrypt(iv, text.slice()) : key.decrypt(Buffer.concat([iv, text]));
          if (text.length % 16 !== 0) expect(ask).toThrow();
          else if (text.length > 0) expect(Buffer.compare(ask(), plainCbc(call, secret, iv, text))).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('derive: HKDF-SHA-256 of the whole key, into a key of the same kind', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(bytes, bytes, ivs, blocks, (salt, info, iv, plaintext) => {
        const derived = importKey().derive(salt, info);
        const whole = Buffer.from(hkdfSync('sha256', Buffer.concat([signing, encryption]), salt, info, 32));
        const mac = createHmac('sha256', whole.subarray(0, 16)).update(plaintext).digest();
        expect(Buffer.compare(derived.authenticate(plaintext), mac)).toBe(0);
        const expected = plainCbc('encrypt', whole.subarray(16), iv, plaintext);
        expect(Buffer.compare(derived.encrypt(iv, plaintext.slice()), expected)).toBe(0);
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
