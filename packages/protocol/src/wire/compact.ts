/**
 * The frames that a busy connection is full of, in a fixed layout: the request `append`, the answer to it, and the pushes `entry`
 * and `stubs`. A frame that has no such layout, because a field is missing, wrong or too large, is encoded like all others.
 */
import { allocate, hexOf, putHex, putUint32 } from '../bytes.ts';
import { type EntryType, entryTypes, type LoggedStubs, type SignedEntry } from '../entry/entry.ts';
import { limits } from '../limits.ts';
import type { RoomId } from '../values.ts';
import { RoomNumbers } from './room-numbers.ts';

/** The first byte of a frame's body. */
export const frameKinds = {
  /** An object in CBOR. */
  object: 1,
  /** A request `append`. */
  append: 2,
  /** The answer with the position and time of an entry. */
  placed: 3,
  /** A push `entry`, whose room has a number. */
  entry: 4,
  /** A push `stubs`, whose room has a number. */
  stubs: 5,
  /** The number that stands for a room in later frames of this connection. */
  roomNumber: 6,
} as const;

const hashBytes = 32;
const cidBytes = 16;
const maxSignatureBytes = 120;
const uint32 = 2 ** 32;
const uint48 = 2 ** 48;

const isNumber = (value: unknown, from: number, below: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= from && value < below;

const isHex = (value: unknown, bytes: number): value is string =>
  typeof value === 'string' && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);

const hasKeys = (value: object, count: number): boolean => Object.keys(value).length === count;

/** Writes values one after another. */
class Writer {
  readonly bytes: Uint8Array;
  #at: number;

  /** @param prefix bytes to leave free at the start */
  constructor(length: number, kind: number, prefix = 4) {
    this.bytes = allocate(prefix + 1 + length);
    putUint32(this.bytes, 0, 1 + length);
    this.bytes[prefix] = kind;
    this.#at = prefix + 1;
  }

  byte(value: number): this {
    this.bytes[this.#at++] = value;
    return this;
  }

  uint32(value: number): this {
    putUint32(this.bytes, this.#at, value);
    this.#at += 4;
    return this;
  }

  uint48(value: number): this {
    const high = Math.floor(value / uint32);
    return this.byte(high >>> 8)
      .byte(high)
      .uint32(value);
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  hex(text: string): this {
    putHex(text, this.bytes, this.#at);
    this.#at += text.length / 2;
    return this;
  }

  entry({ type, by, signature, payload }: SignedEntry): this {
    this.byte(entryTypes.indexOf(type)).hex(by).byte(signature.length);
    return this.raw(signature).raw(payload);
  }
}

/** Reads values one after another. @throws Error when there are too few bytes, or a value is out of range */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 1;

  constructor(body: Uint8Array) {
    this.#bytes = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  uint48(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2) * uint32 + this.uint32();
  }

  position(): number {
    const seq = this.uint48();
    if (seq === 0) throw new RangeError('positions count from 1');
    return seq;
  }

  /** Returns a copy of the rest, so that it does not keep the chunk that it came with in memory. */
  rest(): Uint8Array {
    const copy = new Uint8Array(this.#bytes.length - this.#at);
    copy.set(this.#bytes.subarray(this.#at));
    this.#at = this.#bytes.length;
    return copy;
  }

  /** Returns the rest, at least one hash. */
  hashes(): Uint8Array {
    const length = this.#bytes.length - this.#at;
    if (length <= 0 || length % hashBytes !== 0) throw new RangeError('no whole hashes');
    return this.rest();
  }

  hex(length: number): string {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('too short');
    const text = hexOf(this.#bytes, this.#at, end);
    this.#at = end;
    return text;
  }

  entry(): SignedEntry {
    const type: EntryType | undefined = entryTypes[this.byte()];
    if (type === undefined) throw new RangeError('no such type');
    const by = this.hex(hashBytes);
    const length = this.byte();
    if (length === 0 || length > maxSignatureBytes) throw new RangeError('no such signature');
    if (this.#at + length > this.#bytes.length) throw new RangeError('too short');
    // Both in one copy: a buffer of its own costs more than the bytes of a signature.
    const rest = this.rest();
    return { type, payload: rest.subarray(length), by, signature: rest.subarray(0, length) };
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('too long');
  }
}

function isEntry(value: unknown): value is SignedEntry {
  if (typeof value !== 'object' || value === null || !hasKeys(value, 4)) return false;
  const { type, payload, by, signature } = value as Partial<Record<string, unknown>>;
  return (
    entryTypes.includes(type as EntryType) &&
    payload instanceof Uint8Array &&
    isHex(by, hashBytes) &&
    signature instanceof Uint8Array &&
    signature.length > 0 &&
    signature.length <= maxSignatureBytes
  );
}

const entryLength = ({ signature, payload }: SignedEntry): number => 2 + hashBytes + signature.length + payload.length;

function encodeAppend(frame: Record<string, unknown>): Uint8Array | null {
  const { id, room, cid, entry } = frame;
  if (!hasKeys(frame, 5) || !isNumber(id, 0, uint32) || !isHex(room, hashBytes) || !isHex(cid, cidBytes)) return null;
  if (!isEntry(entry)) return null;
  const writer = new Writer(4 + hashBytes + cidBytes + entryLength(entry), frameKinds.append);
  return writer.uint32(id).hex(room).hex(cid).entry(entry).bytes;
}

function encodePlaced(frame: Record<string, unknown>): Uint8Array | null {
  const { re, ok } = frame;
  if (!hasKeys(frame, 2) || !isNumber(re, 0, uint32) || typeof ok !== 'object' || ok === null) return null;
  const { seq, at } = ok as Partial<Record<string, unknown>>;
  if (!hasKeys(ok, 2) || !isNumber(seq, 1, uint48) || !isNumber(at, 0, uint48)) return null;
  return new Writer(16, frameKinds.placed).uint32(re).uint48(seq).uint48(at).bytes;
}

/** Returns the compact form of a frame; null when it has none. */
export function encodeCompact(frame: Record<string, unknown>): Uint8Array | null {
  if (frame['op'] === 'append') return encodeAppend(frame);
  return 're' in frame ? encodePlaced(frame) : null;
}

/** Returns the frame that gives a room a number. It must come before the frames with that number. */
export const encodeRoomNumber = (number: number, room: RoomId): Uint8Array =>
  new Writer(4 + hashBytes, frameKinds.roomNumber).uint32(number).hex(room).bytes;

/** Returns the compact form of an `entry` push; null when it has none. */
export function encodeEntryPush(
  number: number,
  { seq, at, entry }: { readonly seq: number; readonly at: number; readonly entry: SignedEntry },
): Uint8Array | null {
  if (!isNumber(seq, 1, uint48) || !isNumber(at, 0, uint48)) return null;
  return new Writer(16 + entryLength(entry), frameKinds.entry).uint32(number).uint48(seq).uint48(at).entry(entry).bytes;
}

/** Stubs that fit a frame. */
const maxStubs = Math.floor((limits.frameBytes - 15) / hashBytes);

/** Returns the compact form of `stubs` pushes, as many as are needed. */
export function* encodeStubsPushes(number: number, { seq, hashes }: LoggedStubs): Generator<Uint8Array> {
  for (let from = 0; from < hashes.length; from += maxStubs * hashBytes) {
    const part = hashes.subarray(from, from + maxStubs * hashBytes);
    const writer = new Writer(10 + part.length, frameKinds.stubs).uint32(number).uint48(seq + from / hashBytes);
    yield writer.raw(part).bytes;
  }
}

/**
 * A request `append` that came in its fixed layout, so that every field is checked as the operation's schema does. No frame in CBOR is
 * one, whatever its fields are.
 */
export class CheckedAppend {
  readonly [field: string]: unknown;
  readonly id: number;
  readonly op = 'append';
  readonly room: RoomId;
  readonly cid: string;
  readonly entry: SignedEntry;
  readonly #isChecked = true;

  /** @throws Error when the rest of the frame does not have the layout */
  constructor(reader: Reader) {
    this.id = reader.uint32();
    this.room = reader.hex(hashBytes);
    this.cid = reader.hex(cidBytes);
    this.entry = reader.entry();
  }

  /** Returns the request; null for any other value. */
  static of(frame: object): CheckedAppend | null {
    return #isChecked in frame ? frame : null;
  }
}

/** Decodes frames with a fixed layout. It knows the numbers of the rooms on one connection. */
export class CompactDecoder {
  readonly #rooms: RoomNumbers;

  /** @param maxRooms rooms that the other side may number */
  constructor(maxRooms: number) {
    this.#rooms = new RoomNumbers(maxRooms);
  }

  /**
   * Decodes the kind and the fields of a frame.
   *
   * @returns null for a frame that gives a room its number
   * @throws Error when the frame does not have the layout of its kind, or a number stands for no room
   */
  decode(body: Uint8Array): Record<string, unknown> | null {
    const reader = new Reader(body);
    switch (body[0]) {
      case frameKinds.append:
        return new CheckedAppend(reader);
      case frameKinds.placed: {
        const re = reader.uint32();
        const ok = { seq: reader.position(), at: reader.uint48() };
        reader.end();
        return { re, ok };
      }
      case frameKinds.entry: {
        const room = this.#rooms.roomOf(reader.uint32());
        return { push: 'entry', room, seq: reader.position(), at: reader.uint48(), entry: reader.entry() };
      }
      case frameKinds.stubs: {
        const room = this.#rooms.roomOf(reader.uint32());
        return { push: 'stubs', room, seq: reader.position(), hashes: reader.hashes() };
      }
      case frameKinds.roomNumber: {
        const number = reader.uint32();
        const room = reader.hex(hashBytes);
        reader.end();
        this.#rooms.give(number, room);
        return null;
      }
      default:
        throw new RangeError('no such kind');
    }
  }
}
