/** What callers may pass: every misuse is a usage error with its code, and no error or dump shows a secret. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { base64url, codeOf, KEY, keyText } from './forge.ts';
import { libraries } from './libraries.ts';

describe.each(libraries)('$name', ({ Fernet, MultiFernet, FernetError, InvalidToken, encryptFromParts }) => {
  const fernet = new Fernet(KEY);
  const text = keyText(KEY);
  const token = fernet.encrypt('x');
  const iv = new Uint8Array(16);

  test('keys: 44 canonical characters or 32 bytes', () => {
    for (const key of [text, KEY, new Uint8Array(KEY)]) {
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
    ['hex', KEY.toString('hex')],
    ['31 bytes as text', base64url(KEY.subarray(1))],
    ['33 bytes as text', base64url(Buffer.alloc(33))],
    ['an empty string', ''],
    ['31 bytes', KEY.subarray(1)],
    ['33 bytes', new Uint8Array(33)],
    ['the text as bytes', Buffer.from(text)],
    ['an ArrayBuffer', new ArrayBuffer(32)],
    ['an array', [...KEY]],
    ['nothing', undefined],
    ['null', null],
    ['a number', 32],
  ])('no key: %s', (_, key) => {
    expect(() => new Fernet(key as string)).toThrow(FernetError);
    expect(codeOf(() => new Fernet(key as string))).toBe('invalid-key');
    expect(codeOf(() => encryptFromParts(key as string, 'x', 0, iv))).toBe('invalid-key');
  });

  test.each([undefined, null, 1, {}, [1], new ArrayBuffer(4), new DataView(new ArrayBuffer(4)), new Uint16Array(2)])(
    'no data: %s',
    (data) => {
      const call = () => fernet.encrypt(data as never);
      expect(call).toThrow(FernetError);
      expect(codeOf(call)).toBe('invalid-argument');
      expect(codeOf(() => encryptFromParts(KEY, data as never, 0, iv))).toBe('invalid-argument');
    },
  );

  test('half of a surrogate pair is no text', () => {
    for (const data of ['\ud800', 'a\udc00b', '😀'.slice(0, 1)]) {
      expect(codeOf(() => fernet.encrypt(data))).toBe('invalid-argument');
    }
  });

  test('more than 256 MiB is refused before any work', () => {
    expect(codeOf(() => fernet.encrypt(new Uint8Array(2 ** 28 + 1)))).toBe('invalid-argument');
  });

  test.each([undefined, null, 1, {}, Buffer.from('x'), new String('x')])('no token: %s', (bad) => {
    const several = new MultiFernet([fernet]);
    for (const cipher of [fernet, several]) {
      expect(codeOf(() => cipher.decrypt(bad as never))).toBe('invalid-argument');
      expect(codeOf(() => cipher.decryptText(bad as never))).toBe('invalid-argument');
      expect(codeOf(() => cipher.decryptAtTime(bad as never, { ttl: 1, now: 1 }))).toBe('invalid-argument');
      expect(codeOf(() => cipher.extractTimestamp(bad as never))).toBe('invalid-argument');
    }
    expect(codeOf(() => several.rotate(bad as never))).toBe('invalid-argument');
  });

  const notSeconds = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '60', null, 60n, {}];

  test.each(notSeconds)('no number of seconds: %s', (bad) => {
    expect(codeOf(() => fernet.decrypt(token, { ttl: bad as never }))).toBe('invalid-argument');
    expect(codeOf(() => fernet.decryptText(token, { ttl: bad as never }))).toBe('invalid-argument');
    expect(codeOf(() => fernet.decryptAtTime(token, { ttl: bad as never, now: 0 }))).toBe('invalid-argument');
    expect(codeOf(() => fernet.decryptAtTime(token, { ttl: 0, now: bad as never }))).toBe('invalid-argument');
    expect(codeOf(() => fernet.encryptAtTime('x', bad as never))).toBe('invalid-argument');
    expect(codeOf(() => encryptFromParts(KEY, 'x', bad as never, iv))).toBe('invalid-argument');
  });

  test('decryptAtTime needs both of its options', () => {
    for (const options of [undefined, {}, { ttl: 1 }, { now: 1 }, { ttl: undefined, now: 1 }]) {
      expect(codeOf(() => fernet.decryptAtTime(token, options as never))).toBe('invalid-argument');
    }
  });

  test('a ttl that is not in an object is not taken for no ttl', () => {
    for (const options of [60, '60', null, true]) {
      expect(codeOf(() => fernet.decrypt(token, options as never))).toBe('invalid-argument');
      expect(codeOf(() => fernet.decryptText(token, options as never))).toBe('invalid-argument');
    }
  });

  test.each([undefined, null, new Uint8Array(15), new Uint8Array(17), '0123456789abcdef', Array(16).fill(0)])(
    'no IV: %s',
    (bad) => {
      expect(codeOf(() => encryptFromParts(KEY, 'x', 0, bad as never))).toBe('invalid-argument');
    },
  );

  test('usage errors and token errors are told apart by class, name and code', () => {
    expect(new InvalidToken()).not.toBeInstanceOf(FernetError);
    expect(new InvalidToken()).toMatchObject({ name: 'InvalidToken', code: 'invalid-token' });
    expect(new FernetError('invalid-key', '')).toMatchObject({ name: 'FernetError', code: 'invalid-key' });
  });

  test('every refusal reads the same', () => {
    const refusals = ['', 'x', token.slice(4), new Fernet(Fernet.generateKey()).encrypt('x')].map((bad) => {
      try {
        return fernet.decrypt(bad);
      } catch (error) {
        return { ...(error as Error), message: (error as Error).message, cause: (error as Error).cause };
      }
    });
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
  });

  test('a dump shows no key', () => {
    const ciphers = { fernet, several: new MultiFernet([fernet]) };
    const dump = inspect(ciphers, { depth: 9, showHidden: true }) + JSON.stringify(ciphers);
    for (const secret of [text.slice(0, 20), KEY.toString('hex').slice(0, 16), KEY.subarray(0, 6).join(', ')]) {
      expect(dump).not.toContain(secret);
    }
    expect(JSON.stringify(ciphers)).toBe('{"fernet":{},"several":{}}');
  });
});
