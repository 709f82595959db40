/** Stubs of messages that follow each other: their log hashes, their parts, their frames. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countOfStubs,
  encodeRoomNumber,
  encodeStubsPushes,
  FrameDecoder,
  limits,
  logHashesOfStubs,
  nextLogHash,
  push,
  stubsFrom,
  toHex,
} from '../../src/index.ts';

const room = 'ab'.repeat(32);
const stubs = fc.record({
  seq: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 100 })),
  hashes: fc
    .array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 20 })
    .map((hashes) => new Uint8Array(Buffer.concat(hashes))),
});
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);

test('have the log hashes of one message after another', () => {
  fc.assert(
    fc.property(stubs, hash, ({ seq, hashes }, before) => {
      const chain: string[] = [];
      for (let index = 0; index < countOfStubs({ hashes }); index++) {
        const hashOfEntry = toHex(hashes.subarray(32 * index, 32 * (index + 1)));
        const place = { seq: seq + index, type: 'message', hash: hashOfEntry } as const;
        chain.push(nextLogHash(chain.at(-1) ?? before, place));
      }
      expect(toHex(logHashesOfStubs(before, { seq, hashes }))).toBe(chain.join(''));
    }),
  );
});

test('have the part from a position on', () => {
  const hashes = Uint8Array.from({ length: 96 }, (_, index) => index);
  expect(stubsFrom({ seq: 5, hashes }, 3)).toEqual({ seq: 5, hashes });
  expect(stubsFrom({ seq: 5, hashes }, 6)).toEqual({ seq: 6, hashes: hashes.subarray(32) });
  expect(stubsFrom({ seq: 5, hashes }, 8)).toBeNull();
});

test('take as many frames as they need, each within the limit', () => {
  const hashes = Uint8Array.from({ length: 32 * 5_000 }, (_, index) => index * 7);
  const frames = [...encodeStubsPushes(9, { seq: 10, hashes })];
  expect(frames.map(({ length }) => length <= limits.frameBytes)).toEqual([true, true, true]);
  const pushes = [...new FrameDecoder().push(Buffer.concat([encodeRoomNumber(9, room), ...frames]))].map((each) =>
    push.parse(each),
  );
  const decoded = pushes.flatMap((each) => (each.push === 'stubs' ? [each] : []));
  expect(decoded.map(({ seq }) => seq)).toEqual([10, 2_057, 4_104]);
  expect(new Uint8Array(Buffer.concat(decoded.map((each) => each.hashes)))).toEqual(hashes);
});
