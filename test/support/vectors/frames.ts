/** The examples of frames: valid frames, and bytes for which a receiver ends the connection. */
import { encodeFrame, limits, toHex, utf8 } from '@chat/protocol';

const sound: readonly object[] = [
  { id: 0, op: 'ping' },
  { re: 0, ok: {} },
  { re: 7, error: { code: 'unknown-room', message: 'No room is called küche: list the rooms.' } },
  { push: 'presence', room: 'ab'.repeat(32), user: 'alice', online: true },
];

const broken = [
  { what: 'not JSON', bytes: utf8('ping\n') },
  { what: 'an array', bytes: utf8('[{"id":0}]\n') },
  { what: 'a number', bytes: utf8('1\n') },
  { what: 'null', bytes: utf8('null\n') },
  { what: 'an empty line', bytes: utf8('\n') },
  { what: 'not UTF-8', bytes: Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d, 0x0a) },
];

/** Returns a frame of this many bytes, including its line feed. */
const paddedTo = (length: number) => {
  const frame = { id: 0, op: 'ping', padding: '' };
  return { ...frame, padding: 'x'.repeat(length - encodeFrame(frame).length) };
};

/** Returns the content of `frames.json`. */
export function makeFrames() {
  const longest = encodeFrame(paddedTo(limits.frameBytes));
  return {
    sound: sound.map((frame) => ({ frame, bytes: toHex(encodeFrame(frame)) })),
    broken: broken.map(({ what, bytes }) => ({ what, bytes: toHex(bytes), code: 'malformed-frame' })),
    /** The length of the longest frame. A line with one byte more is too long. */
    longest: { bytes: longest.length, tooLong: 'frame-too-long' },
  };
}
