/** Arguments: every invalid one is refused with its code, and neither errors nor dumps show a secret. */

import { inspect } from 'node:util';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { base64url, keyText, testKey } from './support/forge.ts';
import { libraries } from './support/libraries.ts';

describe.each(libraries)('$name', ({ Fernet, MultiFernet, FernetError, InvalidToken, encryptFromParts }) => {
  const fernet = new Fernet(testKey);
  const text = keyText(testKey);
  const token = fernet.encrypt('x');
  const iv = new Uint8Array(16);

  test('accepts keys of 44 canonical characters or 32 bytes', () => {
    for (const key of [text, testKey, new Uint8Array(testKey)]) {
      expect(new Fernet(key).decryptText(token)).toBe('x');
    }
  });

  test.each([
    ['no padding', text.slice(0, -1)],
    ['too much padding', `${text}=`],
    ['whitespace', `${text}\n`],
    ['leading whitespace', ` ${text}`],
    ['stray bits', `${text.slice(0, -2)}${String.fromCharCode(text.charCodeAt(42) + 1)}=`],
    ['the other alphabet', Buffer.alloc(32, 0xff).toString('base64')],
    ['hex', testKey.toString('hex')],
    ['31 bytes as text', base64url(testKey.subarray(1))],
    ['33 bytes as text', base64url(Buffer.alloc(33))],
    ['an empty string', ''],
    ['31 bytes', testKey.subarray(1)],
    ['33 bytes', new Uint8Array(33)],
    ['the text as bytes', Buffer.from(text)],
    ['an ArrayBuffer', new ArrayBuffer(32)],
    ['an array', [...testKey]],
    ['nothing', undefined],
    ['null', null],
    ['a number', 32],
  ])('refuses as key: %s', (_, key) => {
    expect(() => new Fernet(key as string)).toThrow(FernetError);
    expect(thrownCode(() => new Fernet(key as string))).toBe('invalid-key');
    expect(thrownCode(() => encryptFromParts(key as string, 'x', 0, iv))).toBe('invalid-key');
  });

  test.each([undefined, null, 1, {}, [1], new ArrayBuffer(4), new DataView(new ArrayBuffer(4)), new Uint16Array(2)])(
    'refuses as data: %s',
    (data) => {
      const call = () => fernet.encrypt(data as never);
      expect(call).toThrow(FernetError);
      expect(thrownCode(call)).toBe('invalid-argument');
      expect(thrownCode(() => encryptFromParts(testKey, data as never, 0, iv))).toBe('invalid-argument');
    },
  );

  test('refuses text with a lone surrogate', () => {
    for (const data of ['\ud800', 'a\udc00b', '😀'.slice(0, 1)]) {
      expect(thrownCode(() => fernet.encrypt(data))).toBe('invalid-argument');
    }
  });

  test('refuses more than 256 MiB of data', () => {
    expect(thrownCode(() => fernet.encrypt(new Uint8Array(2 ** 28 + 1)))).toBe('invalid-argument');
  });

  test.each([undefined, null, 1, {}, Buffer.from('x'), new String('x')])('refuses as token: %s', (bad) => {
    const several = new MultiFernet([fernet]);
    for (const cipher of [fernet, several]) {
      expect(thrownCode(() => cipher.decrypt(bad as never))).toBe('invalid-argument');
      expect(thrownCode(() => cipher.decryptText(bad as never))).toBe('invalid-argument');
      expect(thrownCode(() => cipher.decryptAtTime(bad as never, { ttl: 1, now: 1 }))).toBe('invalid-argument');
      expect(thrownCode(() => cipher.extractTimestamp(bad as never))).toBe('invalid-argument');
    }
    expect(thrownCode(() => several.rotate(bad as never))).toBe('invalid-argument');
  });

  const notSeconds = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '60', null, 60n, {}];

  test.each(notSeconds)('refuses as seconds: %s', (bad) => {
    expect(thrownCode(() => fernet.decrypt(token, { ttl: bad as never }))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.decryptText(token, { ttl: bad as never }))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.decryptAtTime(token, { ttl: bad as never, now: 0 }))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.decryptAtTime(token, { ttl: 0, now: bad as never }))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.encryptAtTime('x', bad as never))).toBe('invalid-argument');
    expect(thrownCode(() => encryptFromParts(testKey, 'x', bad as never, iv))).toBe('invalid-argument');
  });

  test('refuses decryptAtTime without both options', () => {
    for (const options of [undefined, {}, { ttl: 1 }, { now: 1 }, { ttl: undefined, now: 1 }]) {
      expect(thrownCode(() => fernet.decryptAtTime(token, options as never))).toBe('invalid-argument');
    }
  });

  test('refuses a ttl that is not in an object', () => {
    for (const options of [60, '60', null, true]) {
      expect(thrownCode(() => fernet.decrypt(token, options as never))).toBe('invalid-argument');
      expect(thrownCode(() => fernet.decryptText(token, options as never))).toBe('invalid-argument');
    }
  });

  test.each([undefined, null, new Uint8Array(15), new Uint8Array(17), '0123456789abcdef', Array(16).fill(0)])(
    'refuses as IV: %s',
    (bad) => {
      expect(thrownCode(() => encryptFromParts(testKey, 'x', 0, bad as never))).toBe('invalid-argument');
    },
  );

  test('distinguishes invalid calls and invalid tokens by class, name and code', () => {
    expect(new InvalidToken()).not.toBeInstanceOf(FernetError);
    expect(new InvalidToken()).toMatchObject({ name: 'InvalidToken', code: 'invalid-token' });
    expect(new FernetError('invalid-key', '')).toMatchObject({ name: 'FernetError', code: 'invalid-key' });
  });

  test('refuses all tokens with the same error', () => {
    const refusals = ['', 'x', token.slice(4), new Fernet(Fernet.generateKey()).encrypt('x')].map((bad) => {
      try {
        return fernet.decrypt(bad);
      } catch (error) {
        return { ...(error as Error), message: (error as Error).message, cause: (error as Error).cause };
      }
    });
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
  });

  test('shows no key in a dump', () => {
    const ciphers = { fernet, several: new MultiFernet([fernet]) };
    const dump = inspect(ciphers, { depth: 9, showHidden: true }) + JSON.stringify(ciphers);
    for (const secret of [text.slice(0, 20), testKey.toString('hex').slice(0, 16), testKey.subarray(0, 6).join(', ')]) {
      expect(dump).not.toContain(secret);
    }
    expect(JSON.stringify(ciphers)).toBe('{"fernet":{},"several":{}}');
  });
});
