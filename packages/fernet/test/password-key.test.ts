/** Keys from passwords: the same as other implementations of scrypt derive, while the event loop runs on. */
import { describe, expect, test } from 'vitest';
import { libraries } from './libraries.ts';

/** The code of a rejected promise. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing was thrown',
    (error: { code?: unknown }) => error.code,
  );
}

const password = 'correct horse battery staple';
const salt = Uint8Array.from({ length: 16 }, (_, i) => i);

describe.each(libraries)('$name', ({ Fernet, FernetError, deriveKey, generateSalt, backend }) => {
  /** What pyca's `Scrypt(salt, 32, n=2**17, r=8, p=1)` gives, as base64url. */
  test('derives what pyca does, lets others run meanwhile, and keeps no hold on its arguments', async () => {
    const bytes = new TextEncoder().encode(password);
    const ownSalt = salt.slice();
    let done = false;
    const deriving = deriveKey(bytes, ownSalt).finally(() => {
      done = true;
    });
    bytes.fill(0);
    ownSalt.fill(0);
    let turns = 0;
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    const key = await deriving;
    expect(key).toBe('GylG2nH0EXnoO5ncM4QtFXQbh8QSHIx_N4HB34ZPtYs=');
    expect(turns).toBeGreaterThan(3);
    expect(new Fernet(key).decryptText(new Fernet(key).encrypt('x'))).toBe('x');
  });

  test('a string stands for its UTF-8, and a salt may be longer', async () => {
    expect(await deriveKey('pässword', new Uint8Array(24).fill(255))).toBe(
      'uNhRHWAdP0oxsS5kfYWZb3nQxJFTtUrJg9O7USoMM1s=',
    );
  });

  test('scrypt: the vectors of RFC 7914, section 12', async () => {
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

  test('salts: 16 bytes, always others', () => {
    const salts = Array.from({ length: 20 }, () => generateSalt());
    for (const each of salts) expect(each).toHaveLength(16);
    expect(new Set(salts.map((each) => each.join())).size).toBe(20);
  });

  test('usage errors: no password, no salt, too short a salt', async () => {
    for (const bad of ['', new Uint8Array(), undefined, null, 5, '\ud800']) {
      expect(await rejection(deriveKey(bad as never, salt))).toBe('invalid-argument');
    }
    for (const bad of [undefined, null, new Uint8Array(15), 'sixteen letters.', Array(16).fill(0)]) {
      expect(await rejection(deriveKey(password, bad as never))).toBe('invalid-argument');
    }
    await expect(deriveKey('', salt)).rejects.toThrow(FernetError);
  });
});
