/** Makes streams as FORMAT.md specifies, with node:crypto only, in chunks that tests can damage, move and forge. */
import { hkdfSync } from 'node:crypto';
import { forge, testKey } from './forge.ts';

export const chunkDataBytes = 65_536;
export const headerBytes = 40;
export const fullChunkKind = 0x81;
export const lastChunkKind = 0x82;

const testSalt = Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - i));

export function streamKeyOf(salt: Uint8Array = testSalt, key: Uint8Array = testKey): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, 'fernet stream, version 1', 32));
}

export function header(salt: Uint8Array = testSalt): Buffer {
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

/** Returns the header and the chunks of the data. */
export function streamParts(data: Uint8Array, salt: Uint8Array = testSalt, key: Uint8Array = testKey): Buffer[] {
  const own = streamKeyOf(salt, key);
  const full = Math.floor(data.length / chunkDataBytes);
  const chunks = Array.from({ length: full + 1 }, (_, i) =>
    chunk(
      i < full ? fullChunkKind : lastChunkKind,
      i,
      data.subarray(i * chunkDataBytes, (i + 1) * chunkDataBytes),
      own,
    ),
  );
  return [header(salt), ...chunks];
}

/** Returns bytes without a period near the size of a chunk. */
export function sampleData(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31) ^ (i >> 8) ^ (i >> 16)));
}

/** The output of a stream. */
export interface Outcome {
  /** The output before the end or the error. */
  readonly data: Buffer;
  /** The `code` of the error; undefined when the stream ended without an error. */
  readonly code: unknown;
}

/** Sends pieces through a stream and collects its output. */
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

/** Splits bytes into pieces of these lengths, repeated; a length of 0 gives an empty piece. */
export function inPieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? bytes.length;
    pieces.push(bytes.subarray(start, start + length));
    start += length;
  }
  return pieces;
}
