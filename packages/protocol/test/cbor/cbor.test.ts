import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxDepth, maxKeyBytes } from '../../src/cbor/form.ts';
import { decodeCbor, encodeCbor, toBase64url, toHex, utf8 } from '../../src/index.ts';
import { oracleDecode, oracleEncode } from '../support/cborg.ts';

/** The library drops a byte-order mark at the start of a text. */
const mark = '\uFEFF';

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const near = (...numbers: readonly number[]) =>
  fc.constantFrom(...numbers.flatMap((number) => [number - 1, number, number + 1]));
/** Whole numbers, and often those where the form of a number or a length changes. */
const numbers = fc.oneof(
  fc.maxSafeInteger(),
  near(24, 256, 65_536, 2 ** 32),
  near(-25, -257, -65_537, -(2 ** 32) - 1, 0),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -0),
);
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 70 }),
  fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => text.isWellFormed() && !text.startsWith(mark)),
  // Around the lengths from which on texts are bytes, also with bits that carry no data, and base64url that looks like hex.
  fc.stringMatching(/^[0-9a-f]{30,66}$/),
  fc.stringMatching(/^[A-Za-z0-9_-]{40,70}$/),
  bytes(14, 34).map(toHex),
  bytes(30, 120).map(toBase64url),
  fc.constantFrom('ab'.repeat(16), 'ab'.repeat(32), 'AB'.repeat(32), 'a'.repeat(65), '__proto__', ''),
);
const keys = fc.oneof(
  texts.filter((text) => utf8(text).length <= maxKeyBytes),
  fc.stringMatching(/^[a-z]{0,3}$/),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      numbers,
      texts,
      fc.boolean(),
      fc.constant(null),
      fc.oneof({ weight: 9, arbitrary: bytes(0, 30) }, { weight: 1, arbitrary: bytes(250, 260) }),
    ),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.boolean(), { minLength: 20, maxLength: 30 }),
    fc.uniqueArray(fc.tuple(keys, tie('value')), { selector: ([key]) => key, maxLength: 6 }).map(Object.fromEntries),
  ),
}));

const decoded = (encoded: Uint8Array): { readonly value: unknown } | null => {
  try {
    return { value: decodeCbor(encoded) };
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return null;
  }
};

test('a value has the bytes that an independent library writes, and comes back from them', () => {
  fc.assert(
    fc.property(values, (value) => {
      const encoded = encodeCbor(value);
      expect(Buffer.compare(encoded, oracleEncode(value))).toBe(0);
      expect(decoded(encoded)).toEqual(oracleDecode(encoded));
      expect(encodeCbor(decodeCbor(encoded))).toEqual(encoded);
    }),
    { numRuns: 300 },
  );
});

/** Changes of one encoding: each is likely to be almost one. */
const changes = fc.array(
  fc.record({ at: fc.nat(), remove: fc.nat(2), insert: fc.oneof(bytes(0, 2), fc.constantFrom(...heads())) }),
  { minLength: 1, maxLength: 3 },
);

/** Heads of every type with arguments in forms that may be longer than they need, and of what is not allowed. */
function heads(): Uint8Array[] {
  const longer = [0, 1, 2, 3, 4, 5, 6].flatMap((type) => [
    [(type << 5) | 24, 1],
    [(type << 5) | 25, 0, 24],
    [(type << 5) | 26, 0, 0, 1, 0],
    [(type << 5) | 27, 0, 0, 0, 0, 0, 1, 0, 0],
    [(type << 5) | 31],
  ]);
  const others = [[0xd5], [0xd7], [0xd5, 0x58, 0x20], [0xd7, 0x50], [0xf9, 0x3e, 0x00], [0xf7], [0xf8, 0x14], [0xff]];
  return [...longer, ...others].map((head) => Uint8Array.from(head));
}

test('bytes are accepted exactly when an independent library decodes them and encodes the same bytes', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(values.map(encodeCbor), bytes(0, 20)), changes, (start, edits) => {
      let changed = Buffer.from(start);
      for (const { at, remove, insert } of edits) {
        const from = at % (changed.length + 1);
        changed = Buffer.concat([changed.subarray(0, from), insert, changed.subarray(from + remove)]);
      }
      const ours = decoded(changed);
      if (ours !== null) accepted += 1;
      expect(ours).toEqual(oracleDecode(changed));
    }),
    { numRuns: 1_500 },
  );
  // Some 50 of them.
  expect(accepted).toBeGreaterThan(5);
});

test('values are as deep as the bound, and no deeper, on both sides', () => {
  const nested = (levels: number): unknown =>
    levels === 0 ? 1 : levels % 2 === 0 ? [nested(levels - 1)] : { a: nested(levels - 1) };
  const deepest = nested(maxDepth);
  expect(decodeCbor(encodeCbor(deepest))).toEqual(deepest);
  expect(() => encodeCbor(nested(maxDepth + 1))).toThrow(RangeError);
  expect(decoded(oracleEncode(nested(maxDepth + 1)))).toBeNull();
  const circle: unknown[] = [];
  circle.push(circle);
  expect(() => encodeCbor(circle)).toThrow(RangeError);
});

test('a key has as many bytes as the bound, and no more, on both sides', () => {
  const longest = { ['é'.repeat(15).concat('a')]: 1 };
  expect(decodeCbor(encodeCbor(longest))).toEqual(longest);
  const longer = { ['é'.repeat(16)]: 1 };
  expect(() => encodeCbor(longer)).toThrow(RangeError);
  expect(decoded(oracleEncode(longer))).toBeNull();
});

test('a byte-order mark is a part of its text', () => {
  for (const text of [mark, `${mark}short`, `${mark}${'long'.repeat(20)}`]) {
    expect(decodeCbor(encodeCbor({ text }))).toEqual({ text });
  }
});

test('a short text does not depend on the texts that were read before', () => {
  // More texts than places to keep them, so that they take each other's places.
  const many = Array.from({ length: 3_000 }, (_, index) => `t${index.toString(36)}`);
  for (const text of [...many, ...many.reverse()]) {
    const encoded = encodeCbor({ [text]: text });
    expect(decodeCbor(encoded)).toEqual({ [text]: text });
    encoded.fill(0);
  }
});

test('what no object of the protocol holds is not written, and the next value is written as ever', () => {
  const throwing = {
    get field(): never {
      throw new Error('a getter that fails');
    },
  };
  const within = {
    get field(): Uint8Array {
      return encodeCbor({ b: 'inside' });
    },
  };
  for (const value of [1.5, Number.NaN, 2 ** 53, 1n, undefined, [undefined], () => 1, Symbol('a'), { a: throwing }]) {
    expect(() => encodeCbor(value)).toThrow(Error);
    expect(decodeCbor(encodeCbor({ a: 'b' }))).toEqual({ a: 'b' });
  }
  expect(decodeCbor(encodeCbor({ a: 'outside', within }))).toEqual({
    a: 'outside',
    within: { field: encodeCbor({ b: 'inside' }) },
  });
  expect(encodeCbor({ a: undefined, b: 1 })).toEqual(encodeCbor({ b: 1 }));
});

test('the bytes of an encoding are its own, with as many zeros before as the caller asks for', () => {
  const first = encodeCbor({ text: 'first' }, 5);
  const copy = Uint8Array.from(first);
  const second = encodeCbor({ text: 'other' }, 5);
  expect(first).toEqual(copy);
  expect(second.subarray(0, 5)).toEqual(new Uint8Array(5));
  expect(decodeCbor(second.subarray(5))).toEqual({ text: 'other' });
  const large = { text: new Uint8Array(200_000).fill(7) };
  expect(decodeCbor(encodeCbor(large))).toEqual(large);
});

test('a length beyond the bytes that follow is refused before anything is read for it', () => {
  for (const type of [2, 3, 4, 5]) {
    expect(decoded(Uint8Array.of((type << 5) | 26, 0xff, 0xff, 0xff, 0xff, ...utf8('abc')))).toBeNull();
  }
});
