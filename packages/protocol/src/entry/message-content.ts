/**
 * The content of a message, which is encrypted: a fixed layout of kind, counter, hash of the author's message before, time and body.
 * The key of a message binds room, epoch and author.
 */
import { fromHex, toHex } from '../bytes.ts';
import { decodeMessageBody, encodeMessageBody, type MessageBody } from './message-body.ts';

/** The content of a message. */
export interface MessageContent {
  /** Number of this message among the author's messages in this room since the author joined, from 1. */
  readonly counter: number;
  /** Entry hash of the author's message before; for the first message, of the author's `create` or `join` entry. */
  readonly previous: string;
  /** The author's time. */
  readonly at: number;
  readonly body: MessageBody;
}

const format = 1;
const hashBytes = 32;
const bodyOffset = 14 + hashBytes;
/** The first byte of the padding. All others are 0. */
const paddingStart = 0x80;
const smallestBucketBytes = 256;
const uint32 = 2 ** 32;

/**
 * Returns the size of a content of a text with so many bytes, with its padding: one less than a power of two of at least 256.
 * The block cipher adds at least one byte, so the ciphertext has as many bytes as that power of two.
 */
export function paddedContentBytes(bodyBytes: number): number {
  let bucket = smallestBucketBytes;
  while (bucket - 1 < bodyOffset + bodyBytes + 1) bucket *= 2;
  return bucket - 1;
}

/** Encodes and pads a content. */
export function encodeMessageContent({ counter, previous, at, body }: MessageContent): Uint8Array {
  const { number, bytes: said } = encodeMessageBody(body);
  const bytes = new Uint8Array(paddedContentBytes(said.length));
  const view = new DataView(bytes.buffer);
  const uint48 = (offset: number, value: number) => {
    view.setUint16(offset, Math.floor(value / uint32));
    view.setUint32(offset + 2, value % uint32);
  };
  bytes[0] = format;
  bytes[1] = number;
  uint48(2, counter);
  bytes.set(fromHex(previous), 8);
  uint48(8 + hashBytes, at);
  bytes.set(said, bodyOffset);
  bytes[bodyOffset + said.length] = paddingStart;
  return bytes;
}

/** Decodes a padded content; null when these bytes are not the one encoding of a content. A kind of a later version is one. */
export function decodeMessageContent(bytes: Uint8Array): MessageContent | null {
  if (bytes[0] !== format) return null;
  let end = bytes.length - 1;
  while (end > bodyOffset && bytes[end] === 0) end -= 1;
  if (end < bodyOffset || bytes[end] !== paddingStart) return null;
  if (bytes.length !== paddedContentBytes(end - bodyOffset)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const uint48 = (offset: number) => view.getUint16(offset) * uint32 + view.getUint32(offset + 2);
  const counter = uint48(2);
  if (counter === 0) return null;
  const body = decodeMessageBody(bytes[1] ?? 0, bytes.subarray(bodyOffset, end));
  if (body === null) return null;
  return { counter, previous: toHex(bytes.subarray(8, 8 + hashBytes)), at: uint48(8 + hashBytes), body };
}
