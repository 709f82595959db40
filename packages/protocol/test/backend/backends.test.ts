/** Both backends give the same hashes and encodings, and refuse the same texts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backend as native } from '../../src/backend/native.ts';
import { backend as portable } from '../../src/backend/portable.ts';

/** Returns the bytes, or null when the text is refused. */
function decoded(decode: (text: string) => Uint8Array, text: string): Uint8Array | null {
  try {
    return decode(text);
  } catch {
    return null;
  }
}

const bytes = fc.uint8Array({ maxLength: 200 });
/** Texts near the two encodings: wrong characters, lengths, cases, padding, the other alphabet, left-over bits. */
const texts = fc.oneof(
  bytes.map((each) => portable.toHex(each)),
  bytes.map((each) => portable.toHex(each).toUpperCase()),
  bytes.map((each) => portable.toBase64url(each)),
  bytes.map((each) => Buffer.from(each).toString('base64')),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEFgzGZ+/-_= \nä\u{1f600}'), maxLength: 12 }),
  fc.string({ maxLength: 12 }),
);

test('the hashes of any bytes are equal', () => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect(native.sha256(data)).toEqual(portable.sha256(data));
      expect(native.sha256Hex(data)).toBe(portable.sha256Hex(data));
      expect(native.sha256Hex(data)).toBe(native.toHex(native.sha256(data)));
    }),
  );
});

test('the hash of a part of a buffer is that of its bytes alone', () => {
  const whole = Uint8Array.from({ length: 64 }, (_, index) => index);
  expect(native.sha256Hex(whole.subarray(7, 40))).toBe(portable.sha256Hex(whole.slice(7, 40)));
  expect(native.toHex(whole.subarray(7, 9))).toBe('0708');
  for (const backend of [native, portable]) {
    expect(backend.toHex(whole, 7, 9)).toBe('0708');
    expect(backend.toHex(Buffer.from(whole), 62)).toBe('3e3f');
  }
  expect(native.toBase64url(whole.subarray(7, 9))).toBe('Bwg');
});

describe.each(['Hex', 'Base64url'] as const)('%s', (form) => {
  test('of any bytes is equal, and both read it', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const text = portable[`to${form}`](data);
        expect(native[`to${form}`](data)).toBe(text);
        expect(native[`from${form}`](text)).toEqual(data);
        expect(portable[`from${form}`](text)).toEqual(data);
      }),
    );
  });

  test('is read or refused alike', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(decoded(native[`from${form}`], text)).toEqual(decoded(portable[`from${form}`], text));
      }),
      { numRuns: 2_000 },
    );
  });
});

test('decoded bytes are plain arrays with a buffer of their own', () => {
  for (const each of [native, portable]) {
    const read = each.fromHex('00ff');
    expect(Object.getPrototypeOf(read)).toBe(Uint8Array.prototype);
    expect(read.buffer.byteLength).toBe(2);
  }
});

test('hex is decoded into a place of a buffer alike, and what does not fit is refused', () => {
  fc.assert(
    fc.property(texts, fc.nat(40), (text, at) => {
      const put = (backend: typeof native) => {
        const into = backend.allocate(64).fill(1);
        try {
          backend.putHex(text, into, at);
        } catch {
          return null;
        }
        return new Uint8Array(into);
      };
      expect(put(native)).toEqual(put(portable));
    }),
  );
});
