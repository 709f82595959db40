/**
 * Frames: the length of the rest in four bytes, then a byte that names the kind, then the body. The decoder takes chunks of bytes from
 * any transport.
 */
import { decodeCbor } from '../cbor/reader.ts';
import { encodeCbor } from '../cbor/writer.ts';
import { ProtocolError } from '../errors.ts';
import { limits } from '../limits.ts';
import { CompactDecoder, encodeCompact, frameKinds } from './compact.ts';
import { maxNumberedRooms } from './room-numbers.ts';

/** Bytes of the length before each frame. */
const prefixBytes = 4;
/** The first byte of every frame of the versions before 3, which were JSON. No length begins with it. */
const brace = 0x7b;

/**
 * Encodes one frame.
 *
 * @throws ProtocolError `frame-too-long`
 */
export function encodeFrame(frame: object): Uint8Array {
  return requireShort(encodeCompact(frame as Record<string, unknown>) ?? encodeObject(frame));
}

function encodeObject(frame: object): Uint8Array {
  const bytes = encodeCbor(frame, prefixBytes + 1);
  new DataView(bytes.buffer).setUint32(0, bytes.length - prefixBytes);
  bytes[prefixBytes] = frameKinds.object;
  return bytes;
}

function requireShort(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= limits.frameBytes) return bytes;
  throw new ProtocolError(
    'frame-too-long',
    `A frame of ${bytes.length} bytes exceeds the limit of ${limits.frameBytes} bytes: send it in smaller parts.`,
  );
}

const malformed = (cause?: unknown): ProtocolError =>
  new ProtocolError(
    'malformed-frame',
    'A frame must be one object in deterministic CBOR, or have the layout of its kind.',
    {
      cause,
    },
  );

function decodeObject(body: Uint8Array): Record<string, unknown> {
  const value = decodeCbor(body.subarray(1));
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw malformed();
  }
  return value as Record<string, unknown>;
}

const empty: Uint8Array = new Uint8Array(0);

/** Size of the first buffer for a frame that comes in parts. It doubles when it is full. */
const firstBufferBytes = 1024;

const lengthIn = (bytes: Uint8Array): number =>
  (bytes[0] ?? 0) * 2 ** 24 + (((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0));

/**
 * Splits a byte stream into frames. The parts of a frame that is not complete are copied into one buffer, so that a sender of
 * many small parts occupies no more memory than the bytes that it has sent, whatever length it has announced.
 *
 * After an error the decoder does not find the next frame, so the caller MUST close the connection.
 */
export class FrameDecoder {
  /** Size of the longest frame that is accepted, including its length. The caller may change it between two chunks. */
  maxFrameBytes: number;
  /** The begun frame: the first `#length` bytes of the buffer. */
  #begun = empty;
  #length = 0;
  /** What has not been looked at of the chunk. */
  #chunk = empty;
  readonly #compact: CompactDecoder;

  /**
   * @param maxFrameBytes default: `limits.frameBytes`
   * @param maxRooms rooms that the other side may number. A server MUST pass 0, because only servers number rooms. Default: 65,536
   */
  constructor(maxFrameBytes: number = limits.frameBytes, maxRooms: number = maxNumberedRooms) {
    this.maxFrameBytes = maxFrameBytes;
    this.#compact = new CompactDecoder(maxRooms);
  }

  /** Bytes of memory that the begun frame occupies. */
  get bufferedBytes(): number {
    return this.#begun.length;
  }

  /**
   * Yields the frames that this chunk completes, in order.
   *
   * @throws ProtocolError as `next` does
   */
  *push(chunk: Uint8Array): Generator<Record<string, unknown>> {
    this.take(chunk);
    for (let frame = this.next(); frame !== null; frame = this.next()) yield frame;
  }

  /** Takes a chunk. The caller MUST call `next` until it returns null before the next chunk. */
  take(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  /**
   * Returns the next frame of the chunk; null when the chunk completes no more.
   *
   * @throws ProtocolError `frame-too-long` as soon as a length exceeds the limit; `malformed-frame`; `unsupported-version` when the
   * other side sends the frames of a version before 3
   */
  next(): Record<string, unknown> | null {
    for (let rest = this.#chunk; rest.length > 0; rest = this.#chunk) {
      const size = this.#sizeOf(rest);
      if (size === null || this.#length + rest.length < size) {
        this.#keep(rest);
        break;
      }
      const end = size - this.#length;
      this.#chunk = rest.length === end ? empty : rest.subarray(end);
      const frame = this.#decode(this.#complete(rest.length === end ? rest : rest.subarray(0, end)));
      if (frame !== null) return frame;
    }
    this.#chunk = empty;
    return null;
  }

  /** Returns the size of the frame that has begun, with its length; null while the length is not complete. */
  #sizeOf(rest: Uint8Array): number | null {
    if ((this.#begun[0] !== undefined && this.#length > 0 ? this.#begun[0] : rest[0]) === brace) {
      throw new ProtocolError(
        'unsupported-version',
        'The other side sends frames of an earlier version of the protocol: update it.',
      );
    }
    if (this.#length + rest.length < prefixBytes) return null;
    let prefix = rest;
    if (this.#length > 0) {
      prefix = this.#begun.slice(0, prefixBytes);
      if (this.#length < prefixBytes) prefix.set(rest.subarray(0, prefixBytes - this.#length), this.#length);
    }
    const size = prefixBytes + lengthIn(prefix);
    if (size > this.maxFrameBytes) {
      throw new ProtocolError('frame-too-long', `A frame is longer than ${this.maxFrameBytes} bytes.`);
    }
    return size;
  }

  #decode(bytes: Uint8Array): Record<string, unknown> | null {
    const body = bytes.subarray(prefixBytes);
    try {
      return body[0] === frameKinds.object ? decodeObject(body) : this.#compact.decode(body);
    } catch (error) {
      throw error instanceof ProtocolError ? error : malformed(error);
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
    const frame = this.#begun.subarray(0, this.#length);
    this.#begun = empty;
    this.#length = 0;
    return frame;
  }
}
