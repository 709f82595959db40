/** The payload of a message in its fixed layout: format, epoch, author view, token. The signature's domain binds room and type. */
import { hexOf, putHex } from '../bytes.ts';
import type { RoomId } from '../values.ts';

/** The payload of a message. */
export interface MessagePayload {
  readonly type: 'message';
  /** The room id, in a payload of the form before version 3 of the protocol only. In every other form the signature's domain binds it. */
  readonly room?: RoomId | undefined;
  readonly epoch: number;
  /** The author view. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** A Fernet token, raw. */
  readonly token: Uint8Array;
}

/** The first byte of the layout. JSON and CBOR objects begin with other bytes. */
const format = 1;
const hashBytes = 32;
const tokenOffset = 11 + hashBytes;
const uint32 = 2 ** 32;
const uint48 = 2 ** 48;

/** Returns whether a payload has the first byte of the layout. */
export const hasMessageLayout = (payload: Uint8Array): boolean => payload[0] === format;

/** Encodes the payload of a message. */
export function encodeMessagePayload({ epoch, head, token }: MessagePayload): Uint8Array {
  const bytes = new Uint8Array(tokenOffset + token.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = format;
  view.setUint32(1, epoch);
  view.setUint16(5, Math.floor(head.seq / uint32));
  view.setUint32(7, head.seq % uint32);
  putHex(head.hash, bytes, 11);
  bytes.set(token, tokenOffset);
  return bytes;
}

/** Decodes the payload of a message; null when it has not this layout. */
export function decodeMessagePayload(payload: Uint8Array): MessagePayload | null {
  if (!hasMessageLayout(payload) || payload.length <= tokenOffset) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const epoch = view.getUint32(1);
  const seq = view.getUint16(5) * uint32 + view.getUint32(7);
  if (epoch === 0 || seq === 0) return null;
  const head = { seq, hash: hexOf(payload, 11, tokenOffset) };
  return { type: 'message', epoch, head, token: payload.subarray(tokenOffset) };
}

/** Returns whether a value is the payload of a message that the layout can hold. */
export function isMessagePayload(value: object): value is MessagePayload {
  const isCount = (count: unknown, below: number) =>
    Number.isInteger(count) && Number(count) > 0 && Number(count) < below;
  const { type, room, epoch, head, token } = value as Partial<MessagePayload>;
  if (type !== 'message' || room !== undefined || Object.keys(value).length !== 4) return false;
  return isCount(epoch, uint32) && isCount(head?.seq, uint48) && token instanceof Uint8Array;
}
