import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameDecoder, limits, utf8 } from '../../src/index.ts';

const frame = fc.dictionary(fc.string(), fc.jsonValue()).filter((value) => !Object.hasOwn(value, '__proto__'));
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
    const overhead = encodeFrame({ x: '' }).length;
    const largest = { x: 'a'.repeat(limits.frameBytes - overhead) };
    expect(decode(encodeFrame(largest))).toEqual([largest]);
    const tooLong = utf8(`${JSON.stringify({ x: `${largest.x}a` })}\n`);
    expect(thrownCode(() => decode(tooLong))).toBe('frame-too-long');
    expect(thrownCode(() => encodeFrame({ x: `${largest.x}a` }))).toBe('frame-too-long');
  });

  test('without an end are refused before they are stored in full', () => {
    const decoder = new FrameDecoder();
    const chunk = new Uint8Array(1024).fill(0x20);
    const push = () => {
      for (let sent = 0; sent <= limits.frameBytes; sent += chunk.length) [...decoder.push(chunk)];
    };
    expect(thrownCode(push)).toBe('frame-too-long');
  });

  test('that come in parts of one byte occupy as much memory as their bytes, and none when they are complete', () => {
    const decoder = new FrameDecoder();
    const bytes = encodeFrame({ x: 'a'.repeat(20_000) });
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
    const line = encodeFrame({ x: 'a'.repeat(100) });
    decoder.maxFrameBytes = 1_000;
    expect([...decoder.push(line)]).toHaveLength(1);
    decoder.maxFrameBytes = 100;
    expect(thrownCode(() => [...decoder.push(line)])).toBe('frame-too-long');
  });

  test('do not change when the caller changes its chunk afterwards', () => {
    const decoder = new FrameDecoder();
    const chunk = utf8('{"a":');
    [...decoder.push(chunk)];
    chunk.fill(0);
    expect([...decoder.push(utf8('1}\n'))]).toEqual([{ a: 1 }]);
  });

  test.each(['', '1', '"text"', 'null', '[]', '{', '{"a":1}x', '{"a":\u0000}'])('%j is not a frame', (line) => {
    expect(thrownCode(() => decode(utf8(`${line}\n`)))).toBe('malformed-frame');
  });

  test('are refused when they are not UTF-8', () => {
    expect(thrownCode(() => decode(Uint8Array.of(0x22, 0xff, 0x22, 0x0a)))).toBe('malformed-frame');
  });
});
