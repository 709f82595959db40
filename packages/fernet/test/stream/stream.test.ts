/** Valid streams: their exact format, every length, every way of splitting, and which keys open them. */
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forge, keyText, testKey } from '../support/forge.ts';
import { crossings, libraries } from '../support/libraries.ts';
import {
  chunkDataBytes,
  fullChunkKind,
  header,
  headerBytes,
  inPieces,
  lastChunkKind,
  type Outcome,
  padded,
  sampleData,
  streamKeyOf,
  streamParts,
  through,
} from '../support/stream-forge.ts';

/** All ways of splitting except into empty pieces only, which would never end. */
const cuts = fc
  .array(fc.oneof(fc.nat(40), fc.nat(700)), { minLength: 1 })
  .filter((lengths) => lengths.some((n) => n > 0));

/** Compares the data as a whole, because printing the difference of 200,000 bytes would take minutes. */
function expectOpened({ data, code }: Outcome, expected: Uint8Array): void {
  expect(code).toBeUndefined();
  expect(Buffer.compare(data, expected)).toBe(0);
}

describe.each(crossings)('$way', ({ writer, reader }) => {
  test.each([0, 1, 15, 16, 17, chunkDataBytes - 1, chunkDataBytes, chunkDataBytes + 1, 2 * chunkDataBytes, 200_000])(
    'decrypts data of %d bytes',
    async (length) => {
      const data = sampleData(length);
      const stream = await through(writer.encryptStream(testKey), [data]);
      expectOpened(await through(reader.decryptStream(testKey), [stream.data]), data);
      const full = Math.floor(length / chunkDataBytes);
      expect(stream.data).toHaveLength(40 + full * 65_609 + 57 + 16 * (Math.floor((length % chunkDataBytes) / 16) + 1));
    },
  );

  test('decrypts however data and stream are split into pieces', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 900 }),
      cuts,
      cuts,
      async (data, cutData, cutStream) => {
        const stream = await through(writer.encryptStream(testKey), inPieces(data, cutData));
        expectOpened(await through(reader.decryptStream(testKey), inPieces(stream.data, cutStream)), data);
      },
    );
    await fc.assert(property);
  });

  test('decrypts however chunks are split across pieces', async () => {
    const data = sampleData(2 * chunkDataBytes + 5);
    for (const lengths of [
      [chunkDataBytes],
      [chunkDataBytes - 1, 0, 2],
      [1, 65_608, 39],
      [40, 65_609],
      [data.length],
    ]) {
      const stream = await through(writer.encryptStream(testKey), inPieces(data, lengths));
      expectOpened(await through(reader.decryptStream(testKey), inPieces(stream.data, lengths)), data);
    }
  });
});

describe.each(libraries)('$name', ({ Fernet, MultiFernet, encryptStream, decryptStream }) => {
  test.each([0, 5, chunkDataBytes, 2 * chunkDataBytes + 7])(
    'reads a stream of %d bytes that was made by FORMAT.md',
    async (length) => {
      const data = sampleData(length);
      expectOpened(await through(decryptStream(testKey), streamParts(data)), data);
    },
  );

  test('writes the stream that FORMAT.md specifies for the same salt and IVs', async () => {
    const data = sampleData(2 * chunkDataBytes + 7);
    const { data: stream } = await through(encryptStream(testKey), [data]);
    const own = streamKeyOf(stream.subarray(8, headerBytes));
    const made = [0, 1, 2].map((position) => {
      const iv = stream.subarray(headerBytes + position * 65_609).subarray(9, 25);
      const part = padded(data.subarray(position * chunkDataBytes, (position + 1) * chunkDataBytes));
      return forge({
        key: own,
        version: position < 2 ? fullChunkKind : lastChunkKind,
        timestamp: BigInt(position),
        iv,
        padded: part,
      });
    });
    const head = header(stream.subarray(8, headerBytes));
    expect(Buffer.compare(stream, Buffer.concat([head, ...made]))).toBe(0);
  });

  test('accepts a key in either form, a Fernet or a MultiFernet, with the same result', async () => {
    const fernet = new Fernet(testKey);
    const ciphers = [testKey, keyText(testKey), fernet, new MultiFernet([fernet, new Fernet(Fernet.generateKey())])];
    for (const writing of ciphers) {
      const { data: stream } = await through(encryptStream(writing), [sampleData(100)]);
      for (const reading of ciphers) {
        expectOpened(await through(decryptStream(reading), [stream]), sampleData(100));
      }
    }
  });

  test('writes with the first of several keys, and reads with all of them', async () => {
    const [newer, older, stranger] = Array.from({ length: 3 }, () => new Fernet(Fernet.generateKey()));
    if (newer === undefined || older === undefined || stranger === undefined) throw new Error('three keys were made');
    const both = new MultiFernet([newer, older]);
    const data = sampleData(chunkDataBytes + 3);
    const [byBoth, byOlder, byStranger] = await Promise.all(
      [both, older, stranger].map(async (cipher) => (await through(encryptStream(cipher), [data])).data),
    );
    const read = async (cipher: typeof both | typeof newer, stream: Uint8Array = Buffer.alloc(0)) =>
      (await through(decryptStream(cipher), [stream])).code ?? 'opened';
    expect(await read(newer, byBoth)).toBe('opened');
    expect(await read(older, byBoth)).toBe('invalid-token');
    expect(await read(both, byBoth)).toBe('opened');
    expect(await read(both, byOlder)).toBe('opened');
    expect(await read(both, byStranger)).toBe('invalid-token');
  });

  test('uses a new salt for each stream and a new IV for each chunk', async () => {
    const streams = await Promise.all(
      Array.from({ length: 20 }, async () => (await through(encryptStream(testKey), [sampleData(5)])).data),
    );
    const parts = (from: number, to: number) => streams.map((stream) => stream.subarray(from, to).toString('hex'));
    expect(new Set(parts(8, 24)).size).toBe(20);
    expect(new Set(parts(24, 40)).size).toBe(20);
    expect(new Set(parts(headerBytes + 9, headerBytes + 25)).size).toBe(20);
    const { data: long } = await through(encryptStream(testKey), [new Uint8Array(6 * chunkDataBytes)]);
    const ivs = Array.from({ length: 7 }, (_, i) =>
      long
        .subarray(40 + 65_609 * i)
        .subarray(9, 25)
        .toString('hex'),
    );
    expect(new Set(ivs).size).toBe(7);
  });

  test('passes endless data through with little of it waiting', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(chunkDataBytes / 4));
      },
    });
    const reader = endless.pipeThrough(encryptStream(testKey)).pipeThrough(decryptStream(testKey)).getReader();
    for (let i = 0; i < 4; i++) expect((await reader.read()).value).toHaveLength(chunkDataBytes);
    await reader.cancel();
    expect(pulled).toBeGreaterThanOrEqual(16);
    expect(pulled).toBeLessThan(16 + 16);
  });

  test('copies the pieces that are written', async () => {
    const piece = sampleData(1000);
    const stream = encryptStream(testKey);
    const writer = stream.writable.getWriter();
    const reading = new Response(stream.readable.pipeThrough(decryptStream(testKey))).arrayBuffer();
    await writer.write(piece);
    piece.fill(0);
    await writer.close();
    expect(Buffer.from(await reading)).toEqual(sampleData(1000));
  });

  test('refuses invalid arguments with their codes', async () => {
    for (const make of [encryptStream, decryptStream]) {
      for (const bad of ['', keyText(testKey).slice(1), new Uint8Array(31)]) {
        expect(thrownCode(() => make(bad))).toBe('invalid-key');
      }
      for (const bad of [undefined, null, 5, {}, []]) {
        expect(thrownCode(() => make(bad as never))).toBe('invalid-argument');
      }
      for (const bad of ['text', new ArrayBuffer(4), 5, null]) {
        expect((await through(make(testKey), [bad as never])).code).toBe('invalid-argument');
      }
    }
  });
});
