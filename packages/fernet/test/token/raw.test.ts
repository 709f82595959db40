/** Raw tokens: the bytes of tokens without the base64url, with the same strictness and the same error. */
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flipBit, forge, fromBase64url, testKey, withMac } from '../support/forge.ts';
import { crossings, libraries } from '../support/libraries.ts';

describe.each(crossings)('$way', ({ writer, reader }) => {
  test('decrypts any data and time, and each form converts to the other', () => {
    const [from, to] = [new writer.Fernet(testKey), new reader.Fernet(testKey)];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 2 ** 33 }), (data, now) => {
        const raw = from.raw.encryptAtTime(data, now);
        expect(raw).toHaveLength(57 + 16 * (Math.floor(data.length / 16) + 1));
        expect(to.raw.decryptAtTime(raw, { ttl: 0, now })).toEqual(data);
        expect(to.raw.extractTimestamp(raw)).toBe(now);
        expect(to.decrypt(writer.backend.encodeBase64url(raw))).toEqual(data);
        expect(to.raw.decrypt(new Uint8Array(fromBase64url(from.encrypt(data))))).toEqual(data);
      }),
    );
  });
});

describe.each(libraries)('$name', ({ Fernet, MultiFernet, InvalidToken }) => {
  const fernet = new Fernet(testKey);
  const newer = new Fernet(Fernet.generateKey());
  const several = new MultiFernet([newer, fernet]);
  const token = fernet.raw.encryptAtTime('a message of two blocks', 1_000_000);

  function refused(bytes: Uint8Array): void {
    const calls = [fernet.raw, several.raw].flatMap((cipher) => [
      () => cipher.decrypt(bytes),
      () => cipher.decryptText(bytes),
      () => cipher.decryptAtTime(bytes, { ttl: 2 ** 40, now: 1_000_000 }),
      () => cipher.extractTimestamp(bytes),
    ]);
    for (const call of [...calls, () => several.raw.rotate(bytes)]) {
      expect(thrownCode(call)).toBe('invalid-token');
      expect(call).toThrow(InvalidToken);
    }
  }

  test('decrypts an unchanged token, in its own or in shared memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(token.length));
    shared.set(token);
    const within = Buffer.concat([Buffer.alloc(3), token, Buffer.alloc(3)]).subarray(3, -3);
    for (const bytes of [token, Buffer.from(token), shared, within]) {
      expect(fernet.raw.decryptText(bytes)).toBe('a message of two blocks');
      expect(several.raw.decryptText(bytes)).toBe('a message of two blocks');
    }
    expect(token.constructor).toBe(Uint8Array);
    expect(token.buffer.byteLength).toBe(token.length);
  });

  test('refuses every single-bit change, every prefix, and additional bytes', () => {
    for (let bit = 0; bit < token.length * 8; bit++) refused(flipBit(token, bit));
    for (let end = 0; end < token.length; end++) refused(token.subarray(0, end));
    for (let more = 1; more <= 33; more++) refused(Buffer.concat([token, Buffer.alloc(more)]));
  });

  test('refuses a valid MAC over a wrong version, length or padding', () => {
    for (const version of [0, 0x7f, 0x81, 0x82, 0xff]) refused(forge({ version }));
    for (let length = 0; length < 25 + 16; length++) refused(withMac(Buffer.alloc(length, 0x80)));
    for (const padding of [0, 17, 255]) {
      expect(thrownCode(() => fernet.raw.decrypt(forge({ padded: Buffer.alloc(16, padding) })))).toBe('invalid-token');
    }
  });

  test('refuses the text of a token as bytes', () => {
    refused(Buffer.from(fernet.encrypt('x')));
  });

  test('enforces time limits', () => {
    for (const { raw } of [fernet, several]) {
      expect(raw.decryptAtTime(token, { ttl: 60, now: 1_000_060 })).toHaveLength(23);
      expect(thrownCode(() => raw.decryptAtTime(token, { ttl: 60, now: 1_000_061 }))).toBe('invalid-token');
      expect(thrownCode(() => raw.decrypt(token, { ttl: 60 }))).toBe('invalid-token');
      expect(raw.decryptText(raw.encrypt('x'), { ttl: 60 })).toBe('x');
    }
  });

  test('rotates to the first key with the same data and timestamp and a new IV', () => {
    const rotated = several.raw.rotate(token);
    expect(newer.raw.decryptText(rotated)).toBe('a message of two blocks');
    expect(newer.raw.extractTimestamp(rotated)).toBe(1_000_000);
    expect(rotated.subarray(9, 25)).not.toEqual(token.subarray(9, 25));
    expect(newer.raw.decryptText(several.raw.encrypt('y'))).toBe('y');
  });

  test('refuses bytes as text tokens, and text as raw tokens', () => {
    for (const bad of [undefined, null, 5, {}, fernet.encrypt('x'), new ArrayBuffer(73), [...token]]) {
      expect(thrownCode(() => fernet.raw.decrypt(bad as never))).toBe('invalid-argument');
      expect(thrownCode(() => fernet.raw.extractTimestamp(bad as never))).toBe('invalid-argument');
      expect(thrownCode(() => several.raw.rotate(bad as never))).toBe('invalid-argument');
    }
    expect(thrownCode(() => fernet.decrypt(token as never))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.raw.encrypt(5 as never))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.raw.decrypt(token, 60 as never))).toBe('invalid-argument');
  });

  test('does not change the token, and returns data in other memory', () => {
    const copy = token.slice();
    fernet.raw.decrypt(copy).fill(0);
    expect(copy).toEqual(token);
    expect(fernet.raw).toBe(fernet.raw);
    expect(several.raw).toBe(several.raw);
  });
});
