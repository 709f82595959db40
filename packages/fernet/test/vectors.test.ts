/** The specification's vectors (generate.json, verify.json, invalid.json), and the vector of FORMAT.md (stream.json). */

import { readFileSync } from 'node:fs';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { libraries } from './support/libraries.ts';
import { through } from './support/stream-forge.ts';

interface Vector {
  readonly desc?: string;
  readonly token: string;
  readonly now: string;
  readonly secret: string;
}

function read<T extends Vector>(file: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`vectors/${file}`, import.meta.url), 'utf8'));
}

const seconds = (date: string) => Date.parse(date) / 1000;

const generate = read<Vector & { iv: number[]; src: string }>('generate.json');
const verify = read<Vector & { ttl_sec: number; src: string }>('verify.json');
const streams: readonly { secret: string; src: string; stream: string }[] = JSON.parse(
  readFileSync(new URL('vectors/stream.json', import.meta.url), 'utf8'),
);
const invalid = read<Vector & { ttl_sec: number }>('invalid.json');

test('contains all vectors', () => {
  expect([generate.length, verify.length, invalid.length]).toEqual([1, 1, 11]);
});

describe.each(libraries)('$name', ({ Fernet, InvalidToken, encryptFromParts, decryptStream }) => {
  test.each(generate)('generates $token', ({ secret, src, now, iv, token }) => {
    expect(encryptFromParts(secret, src, seconds(now), new Uint8Array(iv))).toBe(token);
  });

  test.each(verify)('verifies $token', ({ secret, token, ttl_sec, now, src }) => {
    const fernet = new Fernet(secret);
    expect(fernet.decryptAtTime(token, { ttl: ttl_sec, now: seconds(now) })).toEqual(new TextEncoder().encode(src));
    expect(fernet.decryptText(token)).toBe(src);
    expect(fernet.extractTimestamp(token)).toBe(seconds('1985-10-26T01:20:00-07:00'));
  });

  test.each(invalid)('refuses: $desc', ({ secret, token, ttl_sec, now }) => {
    const fernet = new Fernet(secret);
    const decrypt = () => fernet.decryptAtTime(token, { ttl: ttl_sec, now: seconds(now) });
    expect(decrypt).toThrow(InvalidToken);
    expect(thrownCode(decrypt)).toBe('invalid-token');
  });

  test.each(invalid.filter(({ desc }) => /TTL|TS/.test(desc ?? '')))(
    'accepts without a time limit: $desc',
    (vector) => {
      const fernet = new Fernet(vector.secret);
      expect(fernet.decrypt(vector.token)).toHaveLength(0);
      const now = fernet.extractTimestamp(vector.token);
      expect(fernet.decryptAtTime(vector.token, { ttl: vector.ttl_sec, now })).toHaveLength(0);
    },
  );

  test.each(streams)('reads the stream of $src', async ({ secret, stream, src }) => {
    const bytes = Buffer.from(stream, 'hex');
    expect(await through(decryptStream(secret), [bytes])).toEqual({ data: Buffer.from(src), code: undefined });
  });
});
