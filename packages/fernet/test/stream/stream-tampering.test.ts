/** Streams that have been tampered with: all are refused with one error, and the output before it is authentic. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { flipBit, forge, testKey } from '../support/forge.ts';
import { libraries } from '../support/libraries.ts';
import {
  chunk,
  chunkDataBytes,
  fullChunkKind,
  header,
  headerBytes,
  lastChunkKind,
  padded,
  sampleData,
  streamKeyOf,
  streamParts,
  through,
} from '../support/stream-forge.ts';

const short = Buffer.concat(streamParts(Buffer.from('a short stream')));

/** Three full chunks and a last one of 7 bytes. */
const data = sampleData(3 * chunkDataBytes + 7);
const parts = streamParts(data);
const [head, first, second, third, last] = parts as [Buffer, Buffer, Buffer, Buffer, Buffer];

describe.each(libraries)('$name', ({ Fernet, MultiFernet, InvalidToken, decryptStream, encryptStream }) => {
  /** Refused, and nothing but the data of so many whole chunks came out. */
  async function refused(pieces: readonly Uint8Array[], chunksBefore = 0, whole: Buffer = data): Promise<void> {
    const outcome = await through(decryptStream(testKey), pieces);
    expect(outcome.code).toBe('invalid-token');
    expect(Buffer.compare(outcome.data, whole.subarray(0, chunksBefore * chunkDataBytes))).toBe(0);
  }

  test('opens unchanged streams', async () => {
    const outcome = await through(decryptStream(testKey), parts);
    expect(outcome.code).toBeUndefined();
    expect(Buffer.compare(outcome.data, data)).toBe(0);
    expect(await through(decryptStream(testKey), [short])).toEqual({
      data: Buffer.from('a short stream'),
      code: undefined,
    });
  });

  test('refuses every single-bit change', async () => {
    for (let bit = 0; bit < short.length * 8; bit++) await refused([flipBit(short, bit)]);
    const bytesOfChunk = [0, 1, 8, 9, 24, 25, 40, 65_000, first.length - 33, first.length - 32, first.length - 1];
    for (const byte of bytesOfChunk) {
      await refused([head, first, flipBit(second, byte * 8 + (byte % 8)), third, last], 1);
    }
  });

  test('refuses every prefix', async () => {
    for (let end = 0; end < short.length; end++) await refused([short.subarray(0, end)]);
    for (const end of [1, 2, 3, 4]) await refused(parts.slice(0, end), end - 1);
    for (const end of [0, 1, 57, 73, 65_593, 65_608]) await refused([head, first, second.subarray(0, end)], 1);
    await refused([head, first, second, third, last.subarray(0, -1)], 3);
    await refused([]);
  });

  test('refuses additional bytes', async () => {
    for (const tail of [Buffer.alloc(1), Buffer.alloc(16), last, short, Buffer.concat(parts)]) {
      await refused([short, tail]);
      await refused([...parts, tail], 3);
    }
  });

  test('refuses dropped, repeated and swapped chunks', async () => {
    await refused([head, second, third, last]);
    await refused([head, first, third, last], 1);
    await refused([head, first, second, last], 2);
    await refused([head, first, first, second, third, last], 1);
    await refused([head, second, first, third, last]);
    await refused([head, first, third, second, last], 1);
    await refused([head, last]);
    await refused([first, second, third, last]);
  });

  test('refuses chunks of another stream under the same key at the same position', async () => {
    const otherSalt = Buffer.alloc(32, 5);
    const [otherHead, otherFirst, otherSecond, , otherLast] = streamParts(data, otherSalt) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    expect((await through(decryptStream(testKey), streamParts(data, otherSalt))).code).toBeUndefined();
    await refused([head, otherFirst, second, third, last]);
    await refused([head, first, otherSecond, third, last], 1);
    await refused([head, first, second, third, otherLast], 3);
    await refused([otherHead, first, second, third, last]);
  });

  test('refuses another key, and one with half of the key', async () => {
    const half = Buffer.from(testKey);
    half[31] = 0xff;
    for (const key of [Fernet.generateKey(), half]) {
      const { data: stream } = await through(encryptStream(key), [data]);
      await refused([stream]);
    }
  });

  test('refuses a valid MAC over a wrong kind or position', async () => {
    const start = data.subarray(0, chunkDataBytes);
    const end = data.subarray(3 * chunkDataBytes);
    expect(Buffer.compare(chunk(fullChunkKind, 0, start), first)).toBe(0);
    for (const kind of [0, 0x80, lastChunkKind, 0x83])
      await refused([head, chunk(kind, 0, start), second, third, last]);
    for (const kind of [0, 0x80, fullChunkKind, 0x83])
      await refused([head, first, second, third, chunk(kind, 3, end)], 3);
    for (const position of [0, 2, 4, 2 ** 32 + 3, Number.MAX_SAFE_INTEGER]) {
      await refused([head, first, second, third, chunk(lastChunkKind, position, end)], 3);
    }
    const far = forge({ key: streamKeyOf(), version: lastChunkKind, timestamp: 2n ** 64n - 1n, padded: padded(end) });
    await refused([head, first, second, third, far], 3);
  });

  test('refuses a valid MAC over a chunk of a wrong length or without padding', async () => {
    // 65,537 to 65,551 bytes take up as much as 65,536 do.
    await refused([
      head,
      chunk(fullChunkKind, 0, sampleData(chunkDataBytes + 1)),
      chunk(lastChunkKind, 1, Buffer.alloc(0)),
    ]);
    await refused([
      head,
      chunk(fullChunkKind, 0, sampleData(chunkDataBytes + 15)),
      chunk(lastChunkKind, 1, Buffer.alloc(0)),
    ]);
    await refused([
      head,
      chunk(fullChunkKind, 0, sampleData(chunkDataBytes - 1)),
      chunk(lastChunkKind, 1, Buffer.alloc(0)),
    ]);
    await refused([head, chunk(lastChunkKind, 0, data.subarray(0, chunkDataBytes))]);
    const key = streamKeyOf();
    await refused([head, forge({ key, version: lastChunkKind, padded: Buffer.alloc(16) })]);
    await refused([head, forge({ key, version: lastChunkKind, padded: Buffer.alloc(16, 17) })]);
  });

  test('refuses another header', async () => {
    const body = short.subarray(headerBytes);
    await refused([Buffer.from('FERNETS\x02', 'latin1'), short.subarray(8)]);
    await refused([header(Buffer.alloc(32)), body]);
    await refused([body]);
    await refused([Buffer.from('#!/bin/sh\necho "this is some other file altogether, and a long one"\n')]);
  });

  test('refuses tokens as chunks and chunks as tokens, even under the same key', async () => {
    const own = streamKeyOf();
    const empty = chunk(lastChunkKind, 0, Buffer.alloc(0));
    expect((await through(decryptStream(testKey), [head, empty])).code).toBeUndefined();
    // A chunk and a token under the Fernet key itself, and a token under the stream's key:
    await refused([head, chunk(lastChunkKind, 0, Buffer.alloc(0), testKey)]);
    await refused([head, forge()]);
    await refused([head, forge({ key: own })]);
    await refused([new Fernet(testKey).raw.encryptAtTime('', 0)]);
    for (const key of [testKey, own]) {
      expect(thrownCode(() => new Fernet(key).raw.decrypt(empty))).toBe('invalid-token');
      expect(thrownCode(() => new Fernet(key).raw.decrypt(chunk(lastChunkKind, 0, Buffer.alloc(0), key)))).toBe(
        'invalid-token',
      );
    }
    expect(new Fernet(own).raw.decrypt(forge({ key: own }))).toHaveLength(0);
  });

  test('refuses a stream whose key changes', async () => {
    const other = Buffer.alloc(32, 0x77);
    const [, , otherSecond] = streamParts(data, undefined, other) as [Buffer, Buffer, Buffer];
    const both = new MultiFernet([new Fernet(testKey), new Fernet(other)]);
    expect((await through(decryptStream(both), streamParts(data, undefined, other))).code).toBeUndefined();
    const outcome = await through(decryptStream(both), [head, first, otherSecond, third, last]);
    expect(outcome.code).toBe('invalid-token');
    expect(outcome.data).toHaveLength(chunkDataBytes);
  });

  test('reports the same error at both ends', async () => {
    const stream = decryptStream(testKey);
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    const reading = reader.read();
    const writing = writer.write(flipBit(short, 0));
    await expect(reading).rejects.toThrow(InvalidToken);
    await expect(writing).rejects.toThrow(InvalidToken);
    await expect(writer.closed).rejects.toThrow(InvalidToken);
    await expect(reader.closed).rejects.toThrow(InvalidToken);
  });
});
