/** Streams that nobody has touched: the format to the byte, every length, every way of cutting, and which keys open what. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf, forge, KEY, keyText } from './forge.ts';
import { crossings, libraries } from './libraries.ts';
import {
  DATA_LENGTH,
  HEADER_LENGTH,
  header,
  inPieces,
  LAST,
  MORE,
  type Outcome,
  padded,
  sampleData,
  streamKeyOf,
  streamParts,
  through,
} from './stream-forge.ts';

/** All cuts but the empty piece alone, which would never get to the end. */
const cuts = fc
  .array(fc.oneof(fc.nat(40), fc.nat(700)), { minLength: 1 })
  .filter((lengths) => lengths.some((n) => n > 0));

/** Compared as a whole: to print how 200,000 bytes differ would take minutes. */
function expectOpened({ data, code }: Outcome, expected: Uint8Array): void {
  expect(code).toBeUndefined();
  expect(Buffer.compare(data, expected)).toBe(0);
}

describe.each(crossings)('$way', ({ writer, reader }) => {
  test.each([0, 1, 15, 16, 17, DATA_LENGTH - 1, DATA_LENGTH, DATA_LENGTH + 1, 2 * DATA_LENGTH, 200_000])(
    'data of %d bytes',
    async (length) => {
      const data = sampleData(length);
      const stream = await through(writer.encryptStream(KEY), [data]);
      expectOpened(await through(reader.decryptStream(KEY), [stream.data]), data);
      const full = Math.floor(length / DATA_LENGTH);
      expect(stream.data).toHaveLength(40 + full * 65_609 + 57 + 16 * (Math.floor((length % DATA_LENGTH) / 16) + 1));
    },
  );

  test('however data and stream are cut into pieces', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 900 }),
      cuts,
      cuts,
      async (data, cutData, cutStream) => {
        const stream = await through(writer.encryptStream(KEY), inPieces(data, cutData));
        expectOpened(await through(reader.decryptStream(KEY), inPieces(stream.data, cutStream)), data);
      },
    );
    await fc.assert(property);
  });

  test('however chunks lie across pieces', async () => {
    const data = sampleData(2 * DATA_LENGTH + 5);
    for (const lengths of [[DATA_LENGTH], [DATA_LENGTH - 1, 0, 2], [1, 65_608, 39], [40, 65_609], [data.length]]) {
      const stream = await through(writer.encryptStream(KEY), inPieces(data, lengths));
      expectOpened(await through(reader.decryptStream(KEY), inPieces(stream.data, lengths)), data);
    }
  });
});

describe.each(libraries)('$name', ({ Fernet, MultiFernet, encryptStream, decryptStream }) => {
  test.each([0, 5, DATA_LENGTH, 2 * DATA_LENGTH + 7])('reads what FORMAT.md makes of %d bytes', async (length) => {
    const data = sampleData(length);
    expectOpened(await through(decryptStream(KEY), streamParts(data)), data);
  });

  test('writes what FORMAT.md makes, given the same salt and IVs', async () => {
    const data = sampleData(2 * DATA_LENGTH + 7);
    const { data: stream } = await through(encryptStream(KEY), [data]);
    const own = streamKeyOf(stream.subarray(8, HEADER_LENGTH));
    const made = [0, 1, 2].map((position) => {
      const iv = stream.subarray(HEADER_LENGTH + position * 65_609).subarray(9, 25);
      const part = padded(data.subarray(position * DATA_LENGTH, (position + 1) * DATA_LENGTH));
      return forge({ key: own, version: position < 2 ? MORE : LAST, timestamp: BigInt(position), iv, padded: part });
    });
    const head = header(stream.subarray(8, HEADER_LENGTH));
    expect(Buffer.compare(stream, Buffer.concat([head, ...made]))).toBe(0);
  });

  test('takes a key in either form, a Fernet, or a MultiFernet, and they all mean the same', async () => {
    const fernet = new Fernet(KEY);
    const ciphers = [KEY, keyText(KEY), fernet, new MultiFernet([fernet, new Fernet(Fernet.generateKey())])];
    for (const writing of ciphers) {
      const { data: stream } = await through(encryptStream(writing), [sampleData(100)]);
      for (const reading of ciphers) {
        expectOpened(await through(decryptStream(reading), [stream]), sampleData(100));
      }
    }
  });

  test('many keys: the first one writes, every one reads', async () => {
    const [newer, older, stranger] = Array.from({ length: 3 }, () => new Fernet(Fernet.generateKey()));
    if (newer === undefined || older === undefined || stranger === undefined) throw new Error('three keys were made');
    const both = new MultiFernet([newer, older]);
    const data = sampleData(DATA_LENGTH + 3);
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

  test('every stream has a salt of its own, every chunk an IV of its own', async () => {
    const streams = await Promise.all(
      Array.from({ length: 20 }, async () => (await through(encryptStream(KEY), [sampleData(5)])).data),
    );
    const parts = (from: number, to: number) => streams.map((stream) => stream.subarray(from, to).toString('hex'));
    expect(new Set(parts(8, 24)).size).toBe(20);
    expect(new Set(parts(24, 40)).size).toBe(20);
    expect(new Set(parts(HEADER_LENGTH + 9, HEADER_LENGTH + 25)).size).toBe(20);
    const { data: long } = await through(encryptStream(KEY), [new Uint8Array(6 * DATA_LENGTH)]);
    const ivs = Array.from({ length: 7 }, (_, i) =>
      long
        .subarray(40 + 65_609 * i)
        .subarray(9, 25)
        .toString('hex'),
    );
    expect(new Set(ivs).size).toBe(7);
  });

  test('what is read is let through as it comes: data without end, and little of it waiting', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(DATA_LENGTH / 4));
      },
    });
    const reader = endless.pipeThrough(encryptStream(KEY)).pipeThrough(decryptStream(KEY)).getReader();
    for (let i = 0; i < 4; i++) expect((await reader.read()).value).toHaveLength(DATA_LENGTH);
    await reader.cancel();
    expect(pulled).toBeGreaterThanOrEqual(16);
    expect(pulled).toBeLessThan(16 + 16);
  });

  test('pieces may be changed once they have been written', async () => {
    const piece = sampleData(1000);
    const stream = encryptStream(KEY);
    const writer = stream.writable.getWriter();
    const reading = new Response(stream.readable.pipeThrough(decryptStream(KEY))).arrayBuffer();
    await writer.write(piece);
    piece.fill(0);
    await writer.close();
    expect(Buffer.from(await reading)).toEqual(sampleData(1000));
  });

  test('usage errors have their codes', async () => {
    for (const make of [encryptStream, decryptStream]) {
      for (const bad of ['', keyText(KEY).slice(1), new Uint8Array(31)]) {
        expect(codeOf(() => make(bad))).toBe('invalid-key');
      }
      for (const bad of [undefined, null, 5, {}, []]) {
        expect(codeOf(() => make(bad as never))).toBe('invalid-argument');
      }
      for (const bad of ['text', new ArrayBuffer(4), 5, null]) {
        expect((await through(make(KEY), [bad as never])).code).toBe('invalid-argument');
      }
    }
  });
});
