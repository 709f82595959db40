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

const empty = new Uint8Array(0);

/** Size of the first buffer for a frame that comes in parts. It doubles when it is full. */
const firstBufferBytes = 1024;

/**
 * Splits a byte stream into frames. The parts of a frame that is not complete are copied into one buffer, so that a sender of
 * many small parts occupies no more memory than the bytes that it has sent.
 *
 * After an error the decoder does not find the next frame, so the caller MUST close the connection.
 */
export class FrameDecoder {
  /** Size of the longest frame that is accepted, including its line feed. The caller may change it between two chunks. */
  maxFrameBytes: number;
  /** The begun frame: the first `#length` bytes of the buffer. */
  #begun = empty;
  #length = 0;

  /** @param maxFrameBytes default: `limits.frameBytes` */
  constructor(maxFrameBytes: number = limits.frameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Bytes of memory that the begun frame occupies. */
  get bufferedBytes(): number {
    return this.#begun.length;
  }

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
      if (this.#length + part.length >= this.maxFrameBytes) {
        throw new ProtocolError('frame-too-long', `A frame is longer than ${this.maxFrameBytes} bytes.`);
      }
      if (end === -1) {
        this.#keep(part);
        return;
      }
      yield decodeFrame(this.#complete(part));
      start = end + 1;
    }
  }

  /** Copies a part of a frame to the end of the begun one. */
  #keep(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#begun.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#begun.length, firstBufferBytes));
      larger.set(this.#begun.subarray(0, this.#length));
      this.#begun = larger;
    }
    this.#begun.set(part, this.#length);
    this.#length = length;
  }

  /** Returns the frame that ends with this part, and begins the next one. */
  #complete(part: Uint8Array): Uint8Array {
    if (this.#length === 0) return part;
    this.#keep(part);
    const line = this.#begun.subarray(0, this.#length);
    this.#begun = empty;
    this.#length = 0;
    return line;
  }
}
