/** Keys from passwords, compared with other implementations of scrypt. */
import { stat } from 'node:fs/promises';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { libraries } from '../support/libraries.ts';

const password = 'correct horse battery staple';
const salt = Uint8Array.from({ length: 16 }, (_, i) => i);

describe.each(libraries)('$name', ({ Fernet, FernetError, deriveKey, generateSalt, backend }) => {
  // The expected keys are those of pyca's `Scrypt(salt, 32, n=2**17, r=8, p=1)`, as base64url.
  test('derives the key that pyca derives, without blocking the event loop, from copies of its arguments', async () => {
    const bytes = new TextEncoder().encode(password);
    const ownSalt = salt.slice();
    // After a callback of the file system, an immediate runs before the next results of other threads, however quick they are.
    await stat(import.meta.filename);
    let done = false;
    const deriving = deriveKey(bytes, ownSalt).finally(() => {
      done = true;
    });
    bytes.fill(0);
    ownSalt.fill(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    const key = await deriving;
    expect(key).toBe('GylG2nH0EXnoO5ncM4QtFXQbh8QSHIx_N4HB34ZPtYs=');
    expect(new Fernet(key).decryptText(new Fernet(key).encrypt('x'))).toBe('x');
  });

  test('encodes a string as UTF-8, and accepts a longer salt', async () => {
    expect(await deriveKey('pässword', new Uint8Array(24).fill(255))).toBe(
      'uNhRHWAdP0oxsS5kfYWZb3nQxJFTtUrJg9O7USoMM1s=',
    );
  });

  test('computes the scrypt vectors of RFC 7914, section 12', async () => {
    const vectors = [
      ['', '', { N: 16, r: 1, p: 1 }, '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442'],
      [
        'password',
        'NaCl',
        { N: 1024, r: 8, p: 16 },
        'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162',
      ],
    ] as const;
    for (const [word, grain, cost, expected] of vectors) {
      const derived = await backend.scrypt(Buffer.from(word), Buffer.from(grain), cost, 64);
      expect(Buffer.from(derived).toString('hex').slice(0, 64)).toBe(expected);
    }
  });

  test('returns a different salt of 16 bytes each time', () => {
    const salts = Array.from({ length: 20 }, () => generateSalt());
    for (const each of salts) expect(each).toHaveLength(16);
    expect(new Set(salts.map((each) => each.join())).size).toBe(20);
  });

  test('refuses an empty password and a missing or short salt', async () => {
    for (const bad of ['', new Uint8Array(), undefined, null, 5, '\ud800']) {
      expect(await rejectedCode(deriveKey(bad as never, salt))).toBe('invalid-argument');
    }
    for (const bad of [undefined, null, new Uint8Array(15), 'sixteen letters.', Array(16).fill(0)]) {
      expect(await rejectedCode(deriveKey(password, bad as never))).toBe('invalid-argument');
    }
    await expect(deriveKey('', salt)).rejects.toThrow(FernetError);
  });
});
