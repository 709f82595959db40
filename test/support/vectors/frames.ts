/** The examples of frames: streams of valid frames, and bytes for which a receiver ends the connection. */
import {
  encodeEntryPush,
  encodeFrame,
  encodeRoomNumber,
  encodeStubsPushes,
  FrameDecoder,
  limits,
  type SignedEntry,
  toHex,
  utf8,
  wrapBytes,
} from '@chat/protocol';

const room = 'ab'.repeat(32);
const entry: SignedEntry = {
  type: 'message',
  payload: Uint8Array.from({ length: 60 }, (_, index) => index + 1),
  by: 'cd'.repeat(32),
  signature: Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1),
};
const append = { id: 4_294_967_295, op: 'append', room, cid: 'ef'.repeat(16), entry };
const place = { seq: 2 ** 40 + 5, at: 1_800_000_000_000 };

const sound: readonly Uint8Array[] = [
  encodeFrame({ id: 0, op: 'ping' }),
  encodeFrame({ re: 0, ok: {} }),
  encodeFrame({ re: 7, error: { code: 'unknown-room', message: 'No room is called küche: list the rooms.' } }),
  encodeFrame({ push: 'presence', room, changes: [{ user: 'alice', online: true }], connected: 2 }),
  encodeFrame({ push: 'gap', room, seq: 70_000, hash: null, type: null, cause: 'damaged' }),
  encodeFrame({ texts: ['A'.repeat(43), 'A'.repeat(42), 'ab'.repeat(16), 'AB'.repeat(32), '', 'x'.repeat(300)] }),
  encodeFrame(
    Object.fromEntries(
      [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32, 2 ** 53 - 1, -1, -1000].map((number) => [`n${number}`, number]),
    ),
  ),
  encodeFrame({ raw: [new Uint8Array(0), Uint8Array.of(0x7b), new Uint8Array(300)] }),
  encodeFrame(append),
  encodeFrame({ ...append, id: '7' }),
  encodeFrame({ re: 4_294_967_295, ok: place }),
  encodeFrame({ push: 'entry', room, ...place, entry }),
  Buffer.concat([
    encodeRoomNumber(7, room),
    encodeEntryPush(7, { ...place, entry }) ?? new Uint8Array(0),
    encodeRoomNumber(7, 'cd'.repeat(32)),
    ...encodeStubsPushes(7, { seq: 1, hashes: new Uint8Array(64).fill(0xab) }),
    framed(7, Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 12), new Uint8Array(wrapBytes).fill(0xcd)),
  ]),
];

/** Returns a frame with this body. */
function framed(...body: readonly (number | Uint8Array)[]): Uint8Array {
  const rest = Buffer.concat(body.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(rest.length);
  return Buffer.concat([length, rest]);
}

/** Room 7, position 1. */
const stubsHead = Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 0, 0, 1);

const broken: readonly (readonly [what: string, bytes: Uint8Array, code?: string])[] = [
  ['no kind', framed()],
  ['an unknown kind', framed(9, 0xa0)],
  ['no object', framed(1)],
  ['an array', framed(1, 0x80)],
  ['a number', framed(1, 0)],
  ['null', framed(1, 0xf6)],
  ['two objects', framed(1, 0xa0, 0xa0)],
  ['an object that is cut off', framed(1, 0xa1, 0x61, 0x61)],
  ['a text that is not UTF-8', framed(1, 0xa1, 0x61, 0x61, 0x61, 0xff)],
  ['a key twice', framed(1, 0xa2, 0x61, 0x61, 1, 0x61, 0x61, 1)],
  ['keys that are not sorted', framed(1, 0xa2, 0x61, 0x62, 1, 0x61, 0x61, 1)],
  ['a key that is no text', framed(1, 0xa1, 1, 1)],
  ['a number that is not the shortest', framed(1, 0xa1, 0x61, 0x61, 0x18, 1)],
  ['an indefinite length', framed(1, 0xbf, 0xff)],
  ['a floating-point number', framed(1, 0xa1, 0x61, 0x61, 0xf9, 0x3c, 0)],
  ['an unknown tag', framed(1, 0xa1, 0x61, 0x61, 0xc0, 0x61, 0x61)],
  ['hex without its tag', framed(1, 0xa1, 0x61, 0x61, 0x78, 0x20, utf8('ab'.repeat(16)))],
  ['base64url without its tag', framed(1, 0xa1, 0x61, 0x61, 0x78, 0x2b, utf8('A'.repeat(43)))],
  ['a tag for a short text', framed(1, 0xa1, 0x61, 0x61, 0xd7, 0x41, 1)],
  ['an append that is too short', framed(2, new Uint8Array(80))],
  ['an answer that is too long', framed(3, new Uint8Array(17).fill(1))],
  ['an answer with position 0', framed(3, new Uint8Array(16))],
  ['an entry of a room without a number', framed(4, new Uint8Array(120).fill(1))],
  ['stubs that are cut off', Buffer.concat([encodeRoomNumber(7, room), framed(5, stubsHead, new Uint8Array(33))])],
  ['stubs without a hash', Buffer.concat([encodeRoomNumber(7, room), framed(5, stubsHead)])],
  ['a wrap of a room without a number', framed(7, new Uint8Array(68).fill(1))],
  ['a line of JSON', utf8('{"push":"hello","version":2}\n'), 'unsupported-version'],
];

/** Returns a value as the examples have it: raw fields in hex. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return { raw: toHex(value) };
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shown(each)]));
}

/** Returns the frames that these bytes encode, as the examples have them. */
export const framesIn = (bytes: Uint8Array): unknown => shown([...new FrameDecoder().push(bytes)]);

/** Returns the content of `frames.json`. */
export const makeFrames = () => ({
  sound: sound.map((bytes) => ({ frames: framesIn(bytes), bytes: toHex(bytes) })),
  broken: broken.map(([what, bytes, code = 'malformed-frame']) => ({ what, bytes: toHex(bytes), code })),
  /** The length of the longest frame. A frame with one byte more is too long. */
  longest: { bytes: limits.frameBytes, tooLong: 'frame-too-long' },
});
