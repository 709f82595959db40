/** Lines and numbers of bytes from a source that gives them in any pieces. */
import { buffer } from 'node:stream/consumers';
import { rejectedCode } from '@chat/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader } from '../src/index.ts';

class Damaged extends Error {
  readonly code = 'damaged';
}

async function* piecesOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let piece = 1; piece < at.length; piece++) yield bytes.subarray(at[piece - 1], at[piece]);
}

const readerOf = (text: string, cuts: readonly number[] = []) =>
  new ByteReader(piecesOf(Buffer.from(text), cuts), () => new Damaged());

test('lines and bytes are the same however the source is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), fc.string(), async (cuts, content) => {
      const bytes = Buffer.from(content);
      const reader = readerOf(`${bytes.length}\n${content}end\n`, cuts);
      expect(await reader.line(9)).toBe(String(bytes.length));
      expect((await buffer(reader.take(bytes.length))).equals(bytes)).toBe(true);
      expect(await reader.line(9)).toBe('end');
      expect(await reader.line(9)).toBe(null);
    }),
  );
});

test('refuses a line that is too long or has no end, and bytes that are not there', async () => {
  expect(await rejectedCode(readerOf('1234\n').line(3))).toBe('damaged');
  expect(await readerOf('1234\n').line(4)).toBe('1234');
  expect(await rejectedCode(readerOf('123').line(9))).toBe('damaged');
  expect(await rejectedCode(buffer(readerOf('123').take(4)))).toBe('damaged');
});
