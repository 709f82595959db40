/**
 * The frames that a busy connection is full of, in a fixed layout: the request `append`, the answer to it, and the pushes `entry`,
 * `stubs` and `wrap`. A frame that has no such layout, because a field is missing, wrong or too large, is encoded like all others.
 */
import { type EntryType, entryTypes, type LoggedStubs, type SignedEntry } from '../entry/entry.ts';
import { limits } from '../limits.ts';
import type { RoomId } from '../values.ts';
import { hashBytes, maxSignatureBytes, Reader, uint32, Writer } from './compact-bytes.ts';
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
  /** A push `wrap`, whose room has a number. */
  wrap: 7,
} as const;

const cidBytes = 16;
const uint48 = 2 ** 48;

const isNumber = (value: unknown, from: number, below: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= from && value < below;

const isHex = (value: unknown, bytes: number): value is string =>
  typeof value === 'string' && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);

const hasKeys = (value: object, count: number): boolean => Object.keys(value).length === count;

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

/** Returns the compact form of a `wrap` push. */
export const encodeWrapPush = (number: number, epoch: number, wrap: Uint8Array): Uint8Array =>
  new Writer(8 + wrap.length, frameKinds.wrap).uint32(number).uint32(epoch).raw(wrap).bytes;

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
      case frameKinds.wrap: {
        const room = this.#rooms.roomOf(reader.uint32());
        return { push: 'wrap', room, number: reader.epoch(), wrap: reader.wrap() };
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
