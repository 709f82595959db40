/** The size of a message, computed without a key, compared with the size that composing gives. */
import { limits } from '@chat/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeMessage, messageBytes } from '../../src/index.ts';
import { fieldsOf, three } from '../support/people.ts';

/** Returns the size of the raw Fernet token of this many bytes: version, time, IV, whole blocks, HMAC. */
const tokenLength = (bytes: number): number => 1 + 8 + 16 + 16 * (Math.floor(bytes / 16) + 1) + 32;

const refused = (error: unknown) => {
  expect(error).toMatchObject({ code: 'message-too-long' });
  return 'message-too-long' as const;
};

function attempt<T>(size: () => T) {
  try {
    return size();
  } catch (error) {
    return refused(error);
  }
}

describe('the size of a message, computed without a key', () => {
  const { alice } = three();
  const computed = (text: string) => attempt(() => tokenLength(messageBytes(alice.state, text)));
  const composed = (text: string) =>
    attempt(() => fieldsOf(composeMessage(alice.author, alice.state, text).payload).token.length as number);

  const bucketEdges = [256, 512, 1024, 2048, 4096, 8192, 16_384].map((bytes) =>
    fc.integer({ min: bytes - 400, max: bytes }),
  );
  const aroundLimit = fc.integer({ min: limits.messageTextBytes - 40, max: limits.messageTextBytes + 40 });
  const characters = fc.constantFrom('x', 'ä', '€', '😀', '\n', '"');

  test('is the size of the composed message, up to the limit and beyond it', () => {
    const sizes = fc.oneof(...bucketEdges, aroundLimit);
    fc.assert(
      fc.property(sizes, characters, (size, character) => {
        const text = character.repeat(Math.max(1, Math.floor(size / new TextEncoder().encode(character).length)));
        expect(computed(text)).toBe(composed(text));
      }),
      { numRuns: 150 },
    );
  });

  test('is known before the room has a key', () => {
    const keyless = { ...alice.state, secrets: {} };
    expect(messageBytes(keyless, 'hello')).toBe(messageBytes(alice.state, 'hello'));
  });
});
