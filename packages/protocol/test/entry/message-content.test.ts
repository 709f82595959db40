import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeMessageContent,
  encodeMessageContent,
  limits,
  type MessageBody,
  paddedContentBytes,
  sizeOfBody,
  toHex,
} from '../../src/index.ts';

const reference = fc.record({
  seq: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  hash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
});
const text = fc.string({ minLength: 1, unit: 'binary', maxLength: 600 });
const bodies: fc.Arbitrary<MessageBody> = fc.oneof(
  fc.record({ kind: fc.constantFrom<('text' | 'action')[]>('text', 'action'), text }),
  fc.record({ kind: fc.constantFrom<('reply' | 'edit')[]>('reply', 'edit'), target: reference, text }),
  fc.record({ kind: fc.constantFrom<('delete' | 'hide')[]>('delete', 'hide'), target: reference }),
  fc.record({ kind: fc.constant('reaction' as const), target: reference, text: fc.string({ maxLength: 64 }) }),
  fc.record({
    kind: fc.constant('newer' as const),
    number: fc.oneof(fc.constant(0), fc.integer({ min: 8, max: 255 })),
    bytes: fc.uint8Array({ maxLength: 300 }),
  }),
);

const contents = fc.record({
  counter: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  previous: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
  at: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  body: bodies,
});

describe('the content of a message', () => {
  test('is decoded as it was encoded, also with zeros and byte-order marks in the text', () => {
    const odd = fc
      .constantFrom('\0', 'a\0', '\ufeff', '\u0080', 'a\u0080\0\0')
      .map((text) => ({ kind: 'text', text }) as const);
    fc.assert(
      fc.property(contents, fc.option(odd), (content, body) => {
        const value = body === null ? content : { ...content, body };
        const bytes = encodeMessageContent(value);
        expect(decodeMessageContent(bytes)).toEqual(value);
        expect(Math.log2(bytes.length + 1) % 1).toBe(0);
      }),
    );
  });

  test('has one encoding: bytes that decode are those that encode what was decoded', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (content, place, change) => {
        const bytes = encodeMessageContent(content);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const decoded = decodeMessageContent(bytes);
        if (decoded !== null) expect(encodeMessageContent(decoded)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
    const bytes = encodeMessageContent({
      counter: 1,
      previous: 'ab'.repeat(32),
      at: 1,
      body: { kind: 'text', text: 'x' },
    });
    for (const size of [0, 46, 254, 256, 511]) {
      const other = new Uint8Array(size);
      other.set(bytes.subarray(0, size));
      expect(decodeMessageContent(other)).toBeNull();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        expect(decodeMessageContent(any)).toBeNull();
      }),
    );
  });

  test('with a text of the greatest size takes the same step, whatever it answers or replaces', () => {
    const target = { seq: 2 ** 47, hash: 'ab'.repeat(32) };
    const longest = 'x'.repeat(limits.messageTextBytes);
    const sizes = (['text', 'reply', 'edit', 'action'] as const).map((kind) =>
      paddedContentBytes(sizeOfBody({ kind, target, text: longest } as MessageBody)),
    );
    expect(new Set(sizes)).toEqual(new Set([32_767]));
  });

  test('grows by steps', () => {
    const steps = [1, 40, 208, 209, 464, 465, 16_384].map(paddedContentBytes);
    expect(steps).toEqual([255, 255, 255, 511, 511, 1023, 32_767]);
  });
});
