import { thrownCode } from '@chat/testkit';
/** The limits of a token's age, and timestamps of up to 64 bits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url, forge, fromBase64url, testKey } from '../support/forge.ts';
import { libraries } from '../support/libraries.ts';

/** The latest time in seconds that callers may give. */
const latest = 2 ** 33;
const times = fc.integer({ min: 0, max: latest });

const created = 1_000_000;

describe.each(libraries)('$name', ({ Fernet, InvalidToken, MultiFernet }) => {
  const fernet = new Fernet(testKey);
  const several = new MultiFernet([new Fernet(Fernet.generateKey()), fernet]);
  const verdict = (token: string, ttl: number, now: number) => {
    const [one, many] = [fernet, several].map((cipher) => {
      try {
        cipher.decryptAtTime(token, { ttl, now });
        return 'opened';
      } catch (error) {
        if (error instanceof InvalidToken) return 'refused';
        throw error;
      }
    });
    expect(many).toBe(one);
    return one;
  };

  test.each([
    [60, created, 'opened'],
    [60, created + 60, 'opened'],
    [60, created + 61, 'refused'],
    [0, created, 'opened'],
    [0, created + 1, 'refused'],
    [60, created - 60, 'opened'],
    [60, created - 61, 'refused'],
    [0, created - 60, 'opened'],
    [0, created - 61, 'refused'],
    [Number.MAX_SAFE_INTEGER, created - 61, 'refused'],
    [Number.MAX_SAFE_INTEGER, latest, 'opened'],
    [latest - created - 1, latest, 'refused'],
    [created, 0, 'refused'],
  ])('ttl %d at %d: %s', (ttl, now, expected) => {
    expect(verdict(fernet.encryptAtTime('x', created), ttl, now)).toBe(expected);
  });

  test('judges any token, ttl and time by the rule in exact arithmetic', () => {
    const u64 = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 33n), fc.constant(2n ** 53n));
    fc.assert(
      fc.property(u64, times, fc.integer({ min: -70, max: 70 }), fc.nat(70), (timestamp, far, near, ttl) => {
        const close = Number(timestamp < 2n ** 52n ? timestamp : 0n) + near;
        for (const now of close < 0 || close > latest ? [far] : [far, close]) {
          const timely = timestamp + BigInt(ttl) >= BigInt(now) && timestamp <= BigInt(now) + 60n;
          expect(verdict(base64url(forge({ timestamp })), ttl, now)).toBe(timely ? 'opened' : 'refused');
        }
      }),
    );
  });

  test('accepts a token of any age without a ttl', () => {
    for (const timestamp of [0n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
      const token = base64url(forge({ timestamp }));
      expect(fernet.decrypt(token)).toHaveLength(0);
      expect(fernet.decrypt(token, {})).toHaveLength(0);
      expect(fernet.decrypt(token, { ttl: undefined })).toHaveLength(0);
      expect(fernet.extractTimestamp(token)).toBe(Number(timestamp));
    }
  });

  test('refuses times of milliseconds', () => {
    expect(thrownCode(() => fernet.encryptAtTime('', latest + 1))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.encryptAtTime('', Date.UTC(2000, 0)))).toBe('invalid-argument');
    const token = fernet.encryptAtTime('', 0);
    expect(thrownCode(() => fernet.decryptAtTime(token, { ttl: 1, now: latest + 1 }))).toBe('invalid-argument');
  });

  test.each(['tll', 'maxAge', 'TTL', 'now'])('refuses the option %s', (name) => {
    const options = { [name]: 60 };
    expect(thrownCode(() => fernet.decrypt(fernet.encrypt(''), options))).toBe('invalid-argument');
  });

  test('writes timestamps as 64 bits, big-endian', () => {
    for (const now of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, latest]) {
      const token = fernet.encryptAtTime('', now);
      expect(fromBase64url(token).readBigUInt64BE(1)).toBe(BigInt(now));
      expect(fernet.extractTimestamp(token)).toBe(now);
    }
  });
});
