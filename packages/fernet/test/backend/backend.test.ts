/** The two backends, compared with each other and with node:crypto, also after failed calls. */
import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flipBit } from '../support/forge.ts';
import { backends } from '../support/libraries.ts';
import { encrypted, plainCbc, plainHmac } from '../support/plain-engine.ts';

const signing = Buffer.alloc(16, 1);
const encryption = Buffer.alloc(16, 2);

const ivs = fc.uint8Array({ minLength: 16, maxLength: 16 });
const blocks = fc.integer({ min: 1, max: 20 }).chain((n) => fc.uint8Array({ minLength: 16 * n, maxLength: 16 * n }));
/** Includes lengths around the one from which the native backend computes MACs in another way. */
const messages = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  fc.tuple(fc.integer({ min: -2, max: 2 }), fc.nat(255)).map(([more, byte]) => Buffer.alloc(2 ** 15 + more, byte)),
);
/** Includes lengths at which a backend fails after it has begun. */
const anyLength = fc.uint8Array({ maxLength: 70 });

function cbc(iv: Uint8Array, plaintext: Uint8Array): Buffer {
  return plainCbc('encrypt', encryption, iv, plaintext);
}

describe.each(Object.entries(backends))('%s', (_, backend) => {
  const importKey = () => backend.importKey(Uint8Array.from(signing), Uint8Array.from(encryption));

  test('encrypts and decrypts messages under one key with AES-128-CBC', () => {
    const key = importKey();
    fc.assert(
      fc.property(ivs, blocks, (iv, plaintext) => {
        const expected = cbc(iv, plaintext);
        expect(Buffer.compare(encrypted(key, iv, plaintext), expected)).toBe(0);
        expect(Buffer.compare(key.decrypt(Buffer.concat([iv, expected])), plaintext)).toBe(0);
      }),
    );
  });

  test('keeps no state of a call that fails', () => {
    const key = importKey();
    const notWholeBlocks = fc.array(anyLength.filter(({ length }) => length % 16 !== 0));
    fc.assert(
      fc.property(notWholeBlocks, notWholeBlocks, ivs, blocks, (toEncrypt, toDecrypt, iv, plaintext) => {
        for (const bad of toEncrypt) expect(() => encrypted(key, iv, bad)).toThrow();
        for (const bad of toDecrypt) expect(() => key.decrypt(bad)).toThrow();
        const expected = cbc(iv, plaintext);
        expect(Buffer.compare(encrypted(key, iv, plaintext), expected)).toBe(0);
        expect(Buffer.compare(key.decrypt(Buffer.concat([iv, expected])), plaintext)).toBe(0);
      }),
    );
  });

  test('gives each call on several keys its own result, whatever calls and failures precede it', () => {
    const which = { key: fc.nat(2), call: fc.constantFrom('encrypt', 'decrypt', 'authenticate'), iv: ivs };
    const calls = fc.array(fc.record({ ...which, text: fc.oneof(blocks, anyLength) }), { minLength: 2, maxLength: 30 });
    const keys = [0, 1, 2].map((i) => {
      const secrets = [Buffer.alloc(16, 0x20 + i), Buffer.alloc(16, 0x40 + i)] as const;
      return { secrets, key: backend.importKey(Uint8Array.from(secrets[0]), Uint8Array.from(secrets[1])) };
    });
    fc.assert(
      fc.property(calls, (sequence) => {
        for (const { key: at, call, iv, text } of sequence) {
          const { key, secrets } = keys[at] ?? expect.fail('there are three keys');
          if (call === 'authenticate') {
            expect(Buffer.compare(key.authenticate(text), plainHmac(secrets[0], text))).toBe(0);
            continue;
          }
          const ask = () => (call === 'encrypt' ? encrypted(key, iv, text) : key.decrypt(Buffer.concat([iv, text])));
          if (text.length % 16 !== 0) expect(ask).toThrow();
          else if (text.length > 0) expect(Buffer.compare(ask(), plainCbc(call, secrets[1], iv, text))).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('derives a key with HKDF-SHA-256 of the whole key', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(bytes, bytes, ivs, blocks, (salt, info, iv, plaintext) => {
        const derived = importKey().derive(salt, info);
        const whole = Buffer.from(hkdfSync('sha256', Buffer.concat([signing, encryption]), salt, info, 32));
        const mac = plainHmac(whole.subarray(0, 16), plaintext);
        expect(Buffer.compare(derived.authenticate(plaintext), mac)).toBe(0);
        const expected = plainCbc('encrypt', whole.subarray(16), iv, plaintext);
        expect(Buffer.compare(encrypted(derived, iv, plaintext), expected)).toBe(0);
      }),
    );
  });

  test('computes HMAC-SHA-256', () => {
    const key = importKey();
    fc.assert(
      fc.property(messages, fc.nat(255), (message, bit) => {
        const mac = plainHmac(signing, message);
        expect(Buffer.compare(key.authenticate(message), mac)).toBe(0);
        expect(key.verify(message, mac)).toBe(true);
        expect(key.verify(message, flipBit(mac, bit))).toBe(false);
      }),
    );
  });

  test('returns random bytes in an array of their own', () => {
    const bytes = backend.randomBytes(32);
    expect(bytes.buffer.byteLength).toBe(32);
    expect(bytes).not.toEqual(backend.randomBytes(32));
  });
});
