/**
 * Generated tokens and streams: all are refused, always with the same error. A failure prints the seed that reproduces it. The
 * full run takes longer.
 */
import { onlyInFullRun } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url, flipBit, forge, fromBase64url, testKey, withMac } from './support/forge.ts';
import { libraries } from './support/libraries.ts';
import { chunk, headerBytes, inPieces, lastChunkKind, streamParts, through } from './support/stream-forge.ts';

/** Damage to valid bytes. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 80 }) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  }),
  fc.record({
    kind: fc.constant('overwrite' as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  fc.record({ kind: fc.constant('swap' as const), at: fc.nat(), to: fc.nat() }),
);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Uint8Array, change: Damage): Buffer {
  const place = change.at % Math.max(1, bytes.length);
  switch (change.kind) {
    case 'flip':
      return flipBit(bytes, change.at % Math.max(1, bytes.length * 8));
    case 'cut':
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + change.count)]);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, place), change.bytes, bytes.subarray(place)]);
    case 'overwrite':
      return Buffer.concat([bytes.subarray(0, place), change.bytes, bytes.subarray(place + change.bytes.length)]);
    case 'swap': {
      const other = change.to % Math.max(1, bytes.length);
      const swapped = Buffer.from(bytes);
      swapped[place] = bytes[other] ?? 0;
      swapped[other] = bytes[place] ?? 0;
      return swapped;
    }
  }
}

const data = fc.uint8Array({ maxLength: 100 });
const changes = fc.array(damage, { minLength: 1, maxLength: 4 });
const iv = fc.uint8Array({ minLength: 16, maxLength: 16 });
const otherKey = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Damaged tokens, tokens under other keys, invalid tokens with a valid MAC, and random bytes. */
const noToken: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(data, iv, changes).map(([plain, fixed, list]) => damagedToken(plain, fixed, list)) },
  fc.tuple(otherKey, iv).map(([key, fixed]) => forge({ key, iv: fixed })),
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), iv)
    .map(([version, fixed]) => forge({ version: version === 0x80 ? 0 : version, iv: fixed })),
  fc.uint8Array({ maxLength: 40 }).map((signed) => withMac(signed)),
  fc.uint8Array({ minLength: 57, maxLength: 150 }).map((noise) => Buffer.from(noise)),
);

/** Returns a damaged token. If the changes cancel each other, one bit is flipped. */
function damagedToken(plain: Uint8Array, fixed: Uint8Array, list: readonly Damage[]): Buffer {
  const count = 16 - (plain.length % 16);
  const token = forge({ iv: fixed, padded: Buffer.concat([plain, Buffer.alloc(count, count)]) });
  const result = list.reduce<Buffer>(damaged, token);
  return result.equals(token) ? flipBit(token, plain.length) : result;
}

const noText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: noToken.map(base64url) },
  fc.tuple(noToken, fc.nat(), fc.string({ unit: 'binary', maxLength: 3 })).map(([bytes, at, strange]) => {
    const text = base64url(bytes);
    const place = at % Math.max(1, text.length);
    return text.slice(0, place) + strange + text.slice(place);
  }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.base64String({ maxLength: 200 }),
);

/** Returns every property of an error that a caller can see. */
function face(error: unknown): unknown {
  const { name, message, cause } = error as Error;
  return { class: Object.getPrototypeOf(error), name, message, cause, own: Object.entries(error as Error) };
}

interface Budget {
  readonly numRuns: number;
  readonly interruptAfterTimeLimit?: number;
}

function fuzz(budget: Budget): void {
  describe.each(libraries)('$name', ({ Fernet, MultiFernet, InvalidToken, decryptStream }) => {
    const fernet = new Fernet(testKey);
    const several = new MultiFernet([new Fernet(Fernet.generateKey()), fernet]);
    const expected = face(new InvalidToken());
    const refused = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        expect(face(error)).toEqual(expected);
        return;
      }
      throw new Error('the token was accepted');
    };

    test('refuses raw tokens', () => {
      const property = fc.property(noToken, fc.constantFrom(fernet, several), (bytes, { raw }) => {
        refused(() => raw.decrypt(bytes));
        refused(() => raw.extractTimestamp(bytes));
      });
      fc.assert(property, budget);
    });

    test('refuses tokens as text', () => {
      const property = fc.property(noText, fc.constantFrom(fernet, several), (text, cipher) => {
        refused(() => cipher.decrypt(text));
        refused(() => cipher.extractTimestamp(text));
      });
      fc.assert(property, budget);
    });

    test('refuses streams', async () => {
      const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
      const property = fc.asyncProperty(data, changes, cuts, async (plain, list, lengths) => {
        const stream = Buffer.concat(streamParts(plain));
        const changed = list.reduce<Buffer>(damaged, stream);
        const bad = changed.equals(stream) ? flipBit(stream, plain.length) : changed;
        const outcome = await through(decryptStream(testKey), inPieces(bad, lengths));
        expect(outcome).toEqual({ data: Buffer.alloc(0), code: 'invalid-token' });
      });
      await fc.assert(property, budget);
    });
  });
}

test('the tokens and streams of this file are valid before the damage', async () => {
  const [native] = libraries;
  if (native === undefined) throw new Error('there is no library');
  expect(new native.Fernet(testKey).raw.decrypt(forge())).toHaveLength(0);
  expect(new native.Fernet(testKey).decrypt(base64url(forge()))).toHaveLength(0);
  expect(fromBase64url(base64url(forge()))).toEqual(forge());
  const stream = [...streamParts(Buffer.alloc(0))];
  expect(stream[0]).toHaveLength(headerBytes);
  expect(stream[1]).toEqual(chunk(lastChunkKind, 0, Buffer.alloc(0)));
  expect((await through(native.decryptStream(testKey), stream)).code).toBeUndefined();
});

describe('a thousand runs of each', () => fuzz({ numRuns: 1000 }));

onlyInFullRun('fuzzing at length')('a hundred thousand runs of each, or 10 seconds', () =>
  fuzz({ numRuns: 100_000, interruptAfterTimeLimit: 10_000 }),
);
