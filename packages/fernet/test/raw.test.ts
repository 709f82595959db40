/** Raw tokens: the bytes of a token without the base64, everywhere that text goes, as strict and with the one error. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf, flipBit, forge, fromBase64url, KEY, withMac } from './forge.ts';
import { crossings, libraries } from './libraries.ts';

describe.each(crossings)('$way', ({ writer, reader }) => {
  test('any bytes and time, and each form is the other one re-coded', () => {
    const [from, to] = [new writer.Fernet(KEY), new reader.Fernet(KEY)];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.maxSafeNat(), (data, now) => {
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
  const fernet = new Fernet(KEY);
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
      expect(codeOf(call)).toBe('invalid-token');
      expect(call).toThrow(InvalidToken);
    }
  }

  test('untouched, it opens, in memory of its own or shared', () => {
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

  test('every single-bit change, every prefix, anything after the end', () => {
    for (let bit = 0; bit < token.length * 8; bit++) refused(flipBit(token, bit));
    for (let end = 0; end < token.length; end++) refused(token.subarray(0, end));
    for (let more = 1; more <= 33; more++) refused(Buffer.concat([token, Buffer.alloc(more)]));
  });

  test('a right MAC over a wrong version, length or padding', () => {
    for (const version of [0, 0x7f, 0x81, 0x82, 0xff]) refused(forge({ version }));
    for (let length = 0; length < 25 + 16; length++) refused(withMac(Buffer.alloc(length, 0x80)));
    for (const padding of [0, 17, 255]) {
      expect(codeOf(() => fernet.raw.decrypt(forge({ padded: Buffer.alloc(16, padding) })))).toBe('invalid-token');
    }
  });

  test('the text of a token, as bytes, is no raw token', () => {
    refused(Buffer.from(fernet.encrypt('x')));
  });

  test('time limits hold', () => {
    for (const { raw } of [fernet, several]) {
      expect(raw.decryptAtTime(token, { ttl: 60, now: 1_000_060 })).toHaveLength(23);
      expect(codeOf(() => raw.decryptAtTime(token, { ttl: 60, now: 1_000_061 }))).toBe('invalid-token');
      expect(codeOf(() => raw.decrypt(token, { ttl: 60 }))).toBe('invalid-token');
      expect(codeOf(() => raw.decrypt(raw.encrypt('x'), { ttl: 60 }))).toBe('nothing was thrown');
    }
  });

  test('rotate: first key, same data, new IV, same timestamp', () => {
    const rotated = several.raw.rotate(token);
    expect(newer.raw.decryptText(rotated)).toBe('a message of two blocks');
    expect(newer.raw.extractTimestamp(rotated)).toBe(1_000_000);
    expect(rotated.subarray(9, 25)).not.toEqual(token.subarray(9, 25));
    expect(newer.raw.decryptText(several.raw.encrypt('y'))).toBe('y');
  });

  test('text forms take no bytes, raw forms no text', () => {
    for (const bad of [undefined, null, 5, {}, fernet.encrypt('x'), new ArrayBuffer(73), [...token]]) {
      expect(codeOf(() => fernet.raw.decrypt(bad as never))).toBe('invalid-argument');
      expect(codeOf(() => fernet.raw.extractTimestamp(bad as never))).toBe('invalid-argument');
      expect(codeOf(() => several.raw.rotate(bad as never))).toBe('invalid-argument');
    }
    expect(codeOf(() => fernet.decrypt(token as never))).toBe('invalid-argument');
    expect(codeOf(() => fernet.raw.encrypt(5 as never))).toBe('invalid-argument');
    expect(codeOf(() => fernet.raw.decrypt(token, 60 as never))).toBe('invalid-argument');
  });

  test('leaves the token as it was, and gives data that share no memory with it', () => {
    const copy = token.slice();
    fernet.raw.decrypt(copy).fill(0);
    expect(copy).toEqual(token);
    expect(fernet.raw).toBe(fernet.raw);
    expect(several.raw).toBe(several.raw);
  });
});
