/** Both edges of a token's time, and timestamps up to the last of their 64 bits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url, codeOf, forge, fromBase64url, KEY } from './forge.ts';
import { libraries } from './libraries.ts';

const CREATED = 1_000_000;

describe.each(libraries)('$name', ({ Fernet, MultiFernet }) => {
  const fernet = new Fernet(KEY);
  const several = new MultiFernet([new Fernet(Fernet.generateKey()), fernet]);
  const verdict = (token: string, ttl: number, now: number) => {
    const [one, many] = [fernet, several].map((cipher) => codeOf(() => cipher.decryptAtTime(token, { ttl, now })));
    expect(many).toBe(one);
    return one === 'invalid-token' ? 'refused' : 'opened';
  };

  test.each([
    [60, CREATED, 'opened'],
    [60, CREATED + 60, 'opened'],
    [60, CREATED + 61, 'refused'],
    [0, CREATED, 'opened'],
    [0, CREATED + 1, 'refused'],
    [60, CREATED - 60, 'opened'],
    [60, CREATED - 61, 'refused'],
    [0, CREATED - 60, 'opened'],
    [0, CREATED - 61, 'refused'],
    [Number.MAX_SAFE_INTEGER, CREATED - 61, 'refused'],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'opened'],
    [Number.MAX_SAFE_INTEGER - CREATED - 1, Number.MAX_SAFE_INTEGER, 'refused'],
    [CREATED, 0, 'refused'],
  ])('ttl %d at %d: %s', (ttl, now, expected) => {
    expect(verdict(fernet.encryptAtTime('x', CREATED), ttl, now)).toBe(expected);
  });

  test('any token, ttl and time agree with the rule in exact arithmetic', () => {
    const u64 = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 33n), fc.constant(2n ** 53n));
    fc.assert(
      fc.property(u64, fc.maxSafeNat(), fc.integer({ min: -70, max: 70 }), fc.nat(70), (timestamp, far, near, ttl) => {
        const close = Number(timestamp < 2n ** 52n ? timestamp : 0n) + near;
        for (const now of close < 0 ? [far] : [far, close]) {
          const timely = timestamp + BigInt(ttl) >= BigInt(now) && timestamp <= BigInt(now) + 60n;
          expect(verdict(base64url(forge({ timestamp })), ttl, now)).toBe(timely ? 'opened' : 'refused');
        }
      }),
    );
  });

  test('without a ttl a token is good at any time', () => {
    for (const timestamp of [0n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
      const token = base64url(forge({ timestamp }));
      expect(fernet.decrypt(token)).toHaveLength(0);
      expect(fernet.decrypt(token, {})).toHaveLength(0);
      expect(fernet.decrypt(token, { ttl: undefined })).toHaveLength(0);
      expect(fernet.extractTimestamp(token)).toBe(Number(timestamp));
    }
  });

  test('timestamps stand in the token as 64 bits, big-endian', () => {
    for (const now of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER]) {
      const token = fernet.encryptAtTime('', now);
      expect(fromBase64url(token).readBigUInt64BE(1)).toBe(BigInt(now));
      expect(fernet.extractTimestamp(token)).toBe(now);
    }
  });
});
