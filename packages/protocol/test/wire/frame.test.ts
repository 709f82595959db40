import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeEntryPush,
  encodeFrame,
  encodeRoomNumber,
  encodeStubsPushes,
  encodeWrapPush,
  entryTypes,
  FrameDecoder,
  frameKinds,
  fromHex,
  limits,
  operations,
  push,
  type SignedEntry,
  toHex,
  utf8,
} from '../../src/index.ts';
import { append } from '../support/append-request.ts';

/** No number of a frame has a fraction, and none is beyond 2^53. */
const whole = (_: string, value: unknown) => (typeof value === 'number' ? Math.trunc(value % 2 ** 53) : value);
const values = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value), whole));
const frame = fc.dictionary(fc.string(), values).filter((value) => !Object.hasOwn(value, '__proto__'));
const decode = (bytes: Uint8Array) => [...new FrameDecoder().push(bytes)];

describe('frames', () => {
  test('are decoded as they were encoded, however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(40)), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encodeFrame));
        const decoder = new FrameDecoder();
        const out: unknown[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          out.push(...decoder.push(bytes.subarray(from, Math.min(bytes.length, from + cut))));
          from += cut;
          if (from >= bytes.length) break;
        }
        expect(out).toEqual(JSON.parse(JSON.stringify(frames)));
      }),
    );
  });

  test('are decoded from one byte at a time', () => {
    const bytes = encodeFrame({ push: 'hello', text: 'grüße 👋' });
    const decoder = new FrameDecoder();
    expect([...bytes].flatMap((byte) => [...decoder.push(Uint8Array.of(byte))])).toEqual([
      { push: 'hello', text: 'grüße 👋' },
    ]);
  });

  test('of the largest size are accepted, and one byte more is refused on both sides', () => {
    const overhead = encodeFrame({ x: new Uint8Array(65_000) }).length - 65_000;
    const largest = { x: new Uint8Array(limits.frameBytes - overhead) };
    const bytes = encodeFrame(largest);
    expect([bytes.length, decode(bytes)]).toEqual([limits.frameBytes, [largest]]);
    const tooLong = bytes.slice(0, 4);
    new DataView(tooLong.buffer).setUint32(0, limits.frameBytes - 3);
    expect(thrownCode(() => decode(tooLong))).toBe('frame-too-long');
    expect(thrownCode(() => encodeFrame({ x: new Uint8Array(largest.x.length + 1) }))).toBe('frame-too-long');
  });

  test('that announce too great a length are refused before anything is stored', () => {
    const decoder = new FrameDecoder();
    for (const byte of [0x7f, 0xff, 0xff]) [...decoder.push(Uint8Array.of(byte))];
    expect(thrownCode(() => [...decoder.push(Uint8Array.of(0xff))])).toBe('frame-too-long');
    expect(decoder.bufferedBytes).toBeLessThanOrEqual(1024);
  });

  test('occupy memory for what has been sent, not for what has been announced', () => {
    const decoder = new FrameDecoder();
    [...decoder.push(Uint8Array.of(0, 0, 0xff, 0xf0, 1))];
    expect(decoder.bufferedBytes).toBeLessThanOrEqual(1024);
  });

  test('that come in parts of one byte occupy as much memory as their bytes, and none when they are complete', () => {
    const decoder = new FrameDecoder();
    const bytes = encodeFrame({ x: 'a b'.repeat(7_000) });
    const occupied: number[] = [];
    for (const byte of bytes.subarray(0, -1)) {
      [...decoder.push(Uint8Array.of(byte))];
      occupied.push(decoder.bufferedBytes / Math.max(occupied.length + 1, 512));
    }
    expect(Math.max(...occupied)).toBeLessThanOrEqual(2);
    expect([...decoder.push(bytes.subarray(-1))]).toHaveLength(1);
    expect(decoder.bufferedBytes).toBe(0);
  });

  test('are bounded by a limit of the caller, which may change', () => {
    const decoder = new FrameDecoder(100);
    const line = encodeFrame({ x: 'a b'.repeat(40) });
    decoder.maxFrameBytes = 1_000;
    expect([...decoder.push(line)]).toHaveLength(1);
    decoder.maxFrameBytes = 100;
    expect(thrownCode(() => [...decoder.push(line)])).toBe('frame-too-long');
  });

  test('do not change when the caller changes its chunk afterwards', () => {
    const chunk = Buffer.concat([encodeFrame({ a: Uint8Array.of(1, 2) }), encodeFrame(append), encodeFrame({ b: 3 })]);
    const whole = Uint8Array.from(chunk);
    for (const cut of [whole.length, 7, 60]) {
      const decoder = new FrameDecoder();
      chunk.set(whole);
      const frames = [...decoder.push(chunk.subarray(0, cut))];
      const last = Buffer.from(whole.subarray(cut));
      chunk.fill(0);
      frames.push(...decoder.push(last));
      last.fill(0);
      expect(frames).toEqual([{ a: Uint8Array.of(1, 2) }, append, { b: 3 }]);
    }
  });

  test('are taken one by one, so that the caller can change the limit or stop between two of a chunk', () => {
    const long = encodeFrame({ x: 'a b'.repeat(40) });
    const decoder = new FrameDecoder(100);
    decoder.take(Buffer.concat([encodeFrame({ a: 1 }), long, encodeFrame({ b: 2 }), long]));
    expect(decoder.next()).toEqual({ a: 1 });
    decoder.maxFrameBytes = 1_000;
    expect([decoder.next(), decoder.next()]).toEqual([{ x: 'a b'.repeat(40) }, { b: 2 }]);
    decoder.maxFrameBytes = 100;
    expect(thrownCode(() => decoder.next())).toBe('frame-too-long');
  });

  test('of a version that used JSON are named as such', () => {
    expect(thrownCode(() => decode(utf8('{"push":"hello","version":2}\n')))).toBe('unsupported-version');
    const decoder = new FrameDecoder();
    expect(thrownCode(() => [...decoder.push(utf8('{'))])).toBe('unsupported-version');
  });
});

/** Returns a frame with this body. */
function framed(...body: readonly (number | Uint8Array)[]): Uint8Array {
  const bytes = new Uint8Array(
    Buffer.concat([new Uint8Array(4), ...body.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part))]),
  );
  new DataView(bytes.buffer).setUint32(0, bytes.length - 4);
  return bytes;
}

describe('not a frame is', () => {
  const object = (...cbor: readonly (number | Uint8Array)[]) => framed(1, ...cbor);
  test.each<[string, Uint8Array]>([
    ['a frame without a kind', framed()],
    ['a frame of an unknown kind', framed(9, 0xa0)],
    ['a kind without a body', framed(1)],
    ['an array', object(0x81, 0xa0)],
    ['a number', object(0x01)],
    ['null', object(0xf6)],
    ['a byte string', object(0x41, 0x00)],
    ['more than one object', object(0xa0, 0xa0)],
    ['an object that is cut off', object(0xa1, 0x61, 0x61)],
    ['a key twice', object(0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x01)],
    ['keys that are not sorted', object(0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x01)],
    ['a key that is a number', object(0xa1, 0x01, 0x01)],
    ['a length that is not the shortest', object(0xb8, 0x01, 0x61, 0x61, 0x01)],
    ['a number that is not the shortest', object(0xa1, 0x61, 0x61, 0x18, 0x01)],
    ['an object of indefinite length', object(0xbf, 0x61, 0x61, 0x01, 0xff)],
    ['a text of indefinite length', object(0xa1, 0x61, 0x61, 0x7f, 0x61, 0x61, 0xff)],
    ['a text that is not UTF-8', object(0xa1, 0x61, 0x61, 0x61, 0xff)],
    ['an undefined value', object(0xa1, 0x61, 0x61, 0xf7)],
    ['a floating-point number that is whole', object(0xa1, 0x61, 0x61, 0xf9, 0x3c, 0x00)],
    ['infinity', object(0xa1, 0x61, 0x61, 0xf9, 0x7c, 0x00)],
    ['a number beyond 2^53', object(0xa1, 0x61, 0x61, 0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['an unknown tag', object(0xa1, 0x61, 0x61, 0xc0, 0x61, 0x61)],
    ['a tag for hex of a text', object(0xa1, 0x61, 0x61, 0xd7, 0x61, 0x61)],
    ['a tag for hex of too few bytes', object(0xa1, 0x61, 0x61, 0xd7, 0x41, 0x61)],
    ['deep nesting', object(new Uint8Array(60_000).fill(0x81), 0x01)],
    ['hex as a text', object(0xa1, 0x61, 0x61, 0x78, 0x20, utf8('ab'.repeat(16)))],
    ['an append that is too short', framed(2, new Uint8Array(80))],
    ['an answer that is too short', framed(3, new Uint8Array(15))],
    ['an answer that is too long', framed(3, new Uint8Array(9).fill(1), new Uint8Array(8))],
    ['an entry of a room without a number', framed(4, new Uint8Array(120).fill(1))],
  ])('%s', (_, bytes) => {
    expect(thrownCode(() => decode(bytes))).toBe('malformed-frame');
  });
});

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
const uint48 = (min: number) => fc.integer({ min, max: 2 ** 48 - 1 });
const entries: fc.Arbitrary<SignedEntry> = fc.record({
  type: fc.constantFrom(...entryTypes),
  payload: fc.uint8Array({ maxLength: 300 }),
  by: hash,
  signature: fc.uint8Array({ minLength: 1, maxLength: 120 }),
});

describe('a frame with a fixed layout', () => {
  const kindOf = (bytes: Uint8Array) => bytes[4];

  test('is decoded as it was encoded', () => {
    const cid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex);
    const requests = fc.record({ id: fc.nat(2 ** 32 - 1), op: fc.constant('append'), room: hash, cid, entry: entries });
    const answers = fc.record({ re: fc.nat(2 ** 32 - 1), ok: fc.record({ seq: uint48(1), at: uint48(0) }) });
    fc.assert(
      fc.property(fc.oneof(requests, answers), (value) => {
        const bytes = encodeFrame(value);
        expect(kindOf(bytes)).toBe('re' in value ? frameKinds.placed : frameKinds.append);
        expect(decode(bytes)).toEqual([value]);
      }),
    );
  });

  test('of an entry or stubs names the room by its number, which the latest frame about it gives', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 32 - 1),
        hash,
        hash,
        entries,
        uint48(1),
        uint48(0),
        (number, before, room, entry, seq, at) => {
          const frames = [
            encodeRoomNumber(number, before),
            encodeRoomNumber(number, room),
            encodeEntryPush(number, { seq, at, entry }) ?? new Uint8Array(0),
            ...encodeStubsPushes(number, { seq, hashes: fromHex(room + before) }),
          ];
          const pushes = [
            { push: 'entry', room, seq, at, entry },
            { push: 'stubs', room, seq, hashes: fromHex(room + before) },
          ];
          expect(decode(Buffer.concat(frames))).toEqual(pushes);
          for (const each of pushes) expect(push.safeParse(each).success).toBe(true);
        },
      ),
    );
  });

  test('of a wrap names its room and its epoch, and has one length', () => {
    const room = 'ab'.repeat(32);
    const wrap = new Uint8Array(60).map((_, at) => at);
    const number = encodeRoomNumber(5, room);
    const frame = encodeWrapPush(5, 7, wrap);
    expect(frame.length).toBe(73);
    expect(decode(Buffer.concat([number, frame]))).toEqual([{ push: 'wrap', room, number: 7, wrap }]);
    const refused = expect.objectContaining({ code: 'malformed-frame' });
    const bad = [encodeWrapPush(5, 0, wrap), encodeWrapPush(5, 7, wrap.subarray(1)), encodeWrapPush(6, 7, wrap)];
    for (const each of bad) expect(() => decode(Buffer.concat([number, each]))).toThrow(refused);
  });

  test('is used for what the schema accepts only, and decodes to nothing else', () => {
    const schema = operations.append.request;
    const odd = fc.oneof(fc.constant(undefined), fc.string(), fc.integer(), fc.uint8Array({ maxLength: 130 }));
    const changed = fc.record(
      { id: odd, room: odd, cid: odd, type: odd, payload: odd, by: odd, signature: odd, more: odd },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(changed, ({ id, room, cid, more, ...ofEntry }) => {
        const own = Object.fromEntries(
          Object.entries({ id, room, cid, more }).filter(([, value]) => value !== undefined),
        );
        const frame = { ...append, ...own, entry: { ...append.entry, ...ofEntry } };
        const { id: _, op: __, ...fields } = frame;
        const isSound = schema.safeParse(fields).success && Number.isInteger(frame.id) && Number(frame.id) >= 0;
        const bytes = encodeFrame(frame);
        expect(kindOf(bytes)).toBe(isSound ? frameKinds.append : frameKinds.object);
        expect(decode(bytes)).toEqual([withoutUndefined(frame)]);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(2, 3, 4, 5, 6, 7), fc.uint8Array({ maxLength: 400 }), (kind, body) => {
        const number = encodeRoomNumber(
          new DataView(Uint8Array.of(...body, 0, 0, 0, 0).buffer).getUint32(0),
          append.room,
        );
        let frames: Record<string, unknown>[];
        try {
          frames = [...new FrameDecoder().push(Buffer.concat([number, framed(kind, body)]))];
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed-frame' });
          return;
        }
        for (const { id, op, re, ...fields } of frames) {
          if (op !== undefined) expect(schema.safeParse(fields).success).toBe(true);
          else if (re !== undefined) expect(operations.append.result.safeParse(fields['ok']).success).toBe(true);
          else expect(push.safeParse(fields).success).toBe(true);
          void id;
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Returns the frame without the fields that are undefined. */
const withoutUndefined = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      if (each === undefined) return [];
      const isPlain = typeof each === 'object' && each !== null && !(each instanceof Uint8Array);
      return [[key, isPlain ? withoutUndefined(each) : each]];
    }),
  );
