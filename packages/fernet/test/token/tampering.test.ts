/** Only an unchanged token opens: damaged bytes, damaged text, and valid MACs over invalid contents are refused. */
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url, flipBit, forge, fromBase64url, testKey, withMac } from '../support/forge.ts';
import { libraries } from '../support/libraries.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe.each(libraries)('$name', ({ Fernet, MultiFernet, InvalidToken }) => {
  const fernet = new Fernet(testKey);
  const several = new MultiFernet([new Fernet(Fernet.generateKey()), fernet]);
  const token = fernet.encryptAtTime('a message of two blocks', 1_000_000);
  const bytes = fromBase64url(token);

  /** Expects every method to refuse the token with the same error. */
  function refused(text: string): void {
    const calls = [fernet, several].flatMap((cipher) => [
      () => cipher.decrypt(text),
      () => cipher.decryptText(text),
      () => cipher.decryptAtTime(text, { ttl: 2 ** 40, now: 1_000_000 }),
      () => cipher.extractTimestamp(text),
    ]);
    for (const call of [...calls, () => several.rotate(text)]) {
      expect(thrownCode(call)).toBe('invalid-token');
      expect(call).toThrow(InvalidToken);
    }
  }

  test('opens the unchanged token', () => {
    expect(fernet.decryptText(token)).toBe('a message of two blocks');
    expect(several.decryptText(token)).toBe('a message of two blocks');
    expect(fernet.decryptText(base64url(bytes))).toBe('a message of two blocks');
  });

  test('refuses every single-bit change', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      expect(thrownCode(() => fernet.decrypt(base64url(flipBit(bytes, bit))))).toBe('invalid-token');
    }
    for (let bit = 3; bit < bytes.length * 8; bit += 61) refused(base64url(flipBit(bytes, bit)));
  });

  test('refuses every prefix of the bytes and of the text', () => {
    for (let end = 0; end < bytes.length; end++) refused(base64url(bytes.subarray(0, end)));
    for (let end = 0; end < token.length; end++) refused(token.slice(0, end));
  });

  test('refuses every other character at every place', () => {
    const strange = ['+', '/', '=', ' ', '\n', '\0', '.', 'é', 'Ā', '😀'];
    for (let i = 0; i < token.length; i++) {
      for (const character of [...alphabet.slice(i % 4).slice(0, 16), ...strange]) {
        if (character === token[i]) continue;
        const text = token.slice(0, i) + character + token.slice(i + 1);
        expect(thrownCode(() => fernet.decrypt(text))).toBe('invalid-token');
      }
    }
  });

  test('refuses all other texts that a lenient decoder accepts as the token', () => {
    expect(token.endsWith('=')).toBe(true);
    const unpadded = token.replace(/=+$/, '');
    const last = alphabet.indexOf(unpadded.slice(-1));
    const strayBits = unpadded.slice(0, -1) + alphabet[last + 1] + token.slice(unpadded.length);
    expect(fromBase64url(strayBits)).toEqual(bytes);
    for (const text of [
      unpadded,
      strayBits,
      `${token}=`,
      `${token}====`,
      ` ${token}`,
      `${token}\n`,
      `${token.slice(0, 8)}\r\n${token.slice(8)}`,
      `${token.slice(0, 8)}====${token.slice(8)}`,
      `${token}${token}`,
      bytes.toString('base64'),
      bytes.toString('hex'),
      '',
      '=',
      '====',
    ]) {
      if (text !== token) refused(text);
    }
  });

  test('refuses another key, and one with half of the key', () => {
    refused(new Fernet(Fernet.generateKey()).encrypt('x'));
    const half = Buffer.from(testKey);
    half[0] = 0xff;
    refused(new Fernet(half).encrypt('x'));
  });

  test('refuses a valid MAC over another version', () => {
    for (const version of [0, 0x7f, 0x81, 0xff]) refused(base64url(forge({ version })));
    expect(fernet.decrypt(base64url(forge()))).toHaveLength(0);
  });

  test('refuses a valid MAC over every wrong length', () => {
    for (let length = 0; length < 25 + 48; length++) {
      const signed = Buffer.alloc(length, 0x80);
      if (length >= 41 && (length - 25) % 16 === 0) continue;
      refused(base64url(withMac(signed)));
    }
  });

  test('refuses a valid MAC over every wrong padding', () => {
    for (let last = 0; last < 256; last++) {
      const padded = Buffer.alloc(32, 0x55);
      padded[31] = last;
      const text = base64url(forge({ padded }));
      if (last === 1) expect(fernet.decrypt(text)).toHaveLength(31);
      else expect(thrownCode(() => fernet.decrypt(text))).toBe('invalid-token');
    }
    for (let count = 2; count <= 16; count++) {
      for (let wrong = 1; wrong < count; wrong++) {
        const padded = Buffer.alloc(16).fill(count, 16 - count);
        padded[15 - wrong] = count ^ 0x80;
        expect(thrownCode(() => fernet.decrypt(base64url(forge({ padded }))))).toBe('invalid-token');
      }
    }
  });

  test('refuses any bytes and any text', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 150 }), (noise) => refused(base64url(noise))));
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (noise) => refused(noise)));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 72, maxLength: 150 }), (noise) => {
        noise[0] = 0x80;
        refused(base64url(noise));
      }),
    );
  });

  test('refuses data that are not UTF-8 in decryptText only', () => {
    const binary = fernet.encrypt(new Uint8Array([0xff, 0xfe]));
    expect(fernet.decrypt(binary)).toEqual(new Uint8Array([0xff, 0xfe]));
    expect(thrownCode(() => fernet.decryptText(binary))).toBe('invalid-token');
  });
});
