/** Frames: one JSON object for each line, in UTF-8, of at most 64 KiB. The decoder takes chunks of bytes from any transport. */
import { utf8 } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { limits } from '../limits.ts';

const lineFeed = 0x0a;
const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * Encodes one frame.
 *
 * @throws ProtocolError `frame-too-long`
 */
export function encodeFrame(frame: object): Uint8Array {
  const bytes = utf8(`${JSON.stringify(frame)}\n`);
  if (bytes.length > limits.frameBytes) {
    throw new ProtocolError(
      'frame-too-long',
      `A frame of ${bytes.length} bytes exceeds the limit of ${limits.frameBytes} bytes: send it in smaller parts.`,
    );
  }
  return bytes;
}

function decodeFrame(line: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(strict.decode(line));
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError('malformed-frame', 'A frame must be one JSON object on one line, in UTF-8.');
  }
  return value as Record<string, unknown>;
}

/**
 * Splits a byte stream into frames.
 *
 * After an error the decoder does not find the next frame, so the caller MUST close the connection. The decoder may keep a
 * chunk until its frame is complete, so the caller MUST NOT change it afterwards.
 */
export class FrameDecoder {
  #parts: Uint8Array[] = [];
  #length = 0;

  /**
   * Yields the frames that this chunk completes, in order.
   *
   * @throws ProtocolError `frame-too-long` as soon as a line exceeds the limit, complete or not; `malformed-frame`
   */
  *push(chunk: Uint8Array): Generator<Record<string, unknown>> {
    let start = 0;
    while (start < chunk.length) {
      const end = chunk.indexOf(lineFeed, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (this.#length + part.length >= limits.frameBytes) {
        throw new ProtocolError('frame-too-long', `A frame is longer than ${limits.frameBytes} bytes.`);
      }
      this.#parts.push(part);
      this.#length += part.length;
      if (end === -1) return;
      yield decodeFrame(this.#take());
      start = end + 1;
    }
  }

  #take(): Uint8Array {
    const [only] = this.#parts;
    const line = this.#parts.length === 1 && only !== undefined ? only : new Uint8Array(this.#length);
    if (line !== only) {
      let offset = 0;
      for (const part of this.#parts) {
        line.set(part, offset);
        offset += part.length;
      }
    }
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}
