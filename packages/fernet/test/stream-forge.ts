/** Streams made by FORMAT.md on node:crypto alone, chunk by chunk, so that chunks can be damaged, moved and forged. */
import { hkdfSync } from 'node:crypto';
import { forge, KEY } from './forge.ts';

export const DATA_LENGTH = 65_536;
export const HEADER_LENGTH = 40;
export const MORE = 0x81;
export const LAST = 0x82;

const SALT = Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - i));

export function streamKeyOf(salt: Uint8Array = SALT, key: Uint8Array = KEY): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, 'fernet stream, version 1', 32));
}

export function header(salt: Uint8Array = SALT): Buffer {
  return Buffer.concat([Buffer.from('FERNETS\x01', 'latin1'), salt]);
}

export function padded(data: Uint8Array): Buffer {
  const count = 16 - (data.length % 16);
  return Buffer.concat([data, Buffer.alloc(count, count)]);
}

export function chunk(kind: number, position: number, data: Uint8Array, key: Uint8Array = streamKeyOf()): Buffer {
  const iv = Buffer.alloc(16, position + 1);
  return forge({ key, version: kind, timestamp: BigInt(position), iv, padded: padded(data) });
}

/** The header and the chunks of the data, one by one. */
export function streamParts(data: Uint8Array, salt: Uint8Array = SALT, key: Uint8Array = KEY): Buffer[] {
  const own = streamKeyOf(salt, key);
  const full = Math.floor(data.length / DATA_LENGTH);
  const chunks = Array.from({ length: full + 1 }, (_, i) =>
    chunk(i < full ? MORE : LAST, i, data.subarray(i * DATA_LENGTH, (i + 1) * DATA_LENGTH), own),
  );
  return [header(salt), ...chunks];
}

/** Bytes that repeat nowhere near a chunk's length. */
export function sampleData(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31) ^ (i >> 8) ^ (i >> 16)));
}

export interface Outcome {
  /** All that came out before the end, or the error. */
  readonly data: Buffer;
  /** The `code` of the error, undefined when the stream ended well. */
  readonly code: unknown;
}

/** Sends pieces through a stream and gathers what comes out. */
export async function through(
  stream: TransformStream<Uint8Array, Uint8Array>,
  pieces: Iterable<Uint8Array>,
): Promise<Outcome> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of ReadableStream.from(pieces).pipeThrough(stream)) parts.push(part);
    return { data: Buffer.concat(parts), code: undefined };
  } catch (error) {
    return { data: Buffer.concat(parts), code: (error as { code?: unknown }).code };
  }
}

/** The bytes in pieces of these lengths, over and over; a length of 0 gives an empty piece. */
export function inPieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? bytes.length;
    pieces.push(bytes.subarray(start, start + length));
    start += length;
  }
  return pieces;
}
