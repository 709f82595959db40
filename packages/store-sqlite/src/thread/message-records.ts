/**
 * Messages to append as records in one buffer, which is transferred to the worker: most requests are of this kind, and to clone
 * their objects takes longer than to insert their rows.
 *
 * A record: room, signer, entry hash and log hash (32 bytes each), id of the request (16), position and time (8 each, as doubles),
 * lengths of author (1), signature (2) and payload (4), then these three. Numbers are little-endian.
 */
import type { Appending } from '@chat/server-core';
import type { MessageRecord } from '../operation.ts';

const hashBytes = 32;
const cidBytes = 16;
const fixedBytes = 4 * hashBytes + cidBytes + 8 + 8 + 1 + 2 + 4;
const maxAuthorBytes = 0xff;
const maxSignatureBytes = 0xffff;

/** A message that has the form of a record. */
export type PlainMessage = Appending & { readonly author: string };

const hex = /^[0-9a-f]*$/;
const isHex = (text: string, bytes: number): boolean => text.length === 2 * bytes && hex.test(text);

/** Returns whether an entry has the form of a record. */
export function isPlainMessage(appending: Appending): appending is PlainMessage {
  const { room, hash, logHash, cid, author, change, entry } = appending;
  if (entry.type !== 'message' || change !== null || author === null) return false;
  if (Buffer.byteLength(author) > maxAuthorBytes || entry.signature.length > maxSignatureBytes) return false;
  return isHex(cid, cidBytes) && [room, hash, logHash, entry.by].every((text) => isHex(text, hashBytes));
}

/** Returns the records of messages, one after the other, in a buffer of their own. */
export function writeRecords(messages: readonly PlainMessage[]): Buffer<ArrayBuffer> {
  const lengthOf = ({ author, entry: { signature, payload } }: PlainMessage): number =>
    fixedBytes + Buffer.byteLength(author) + signature.length + payload.length;
  // Not from the pool of small buffers, which could not be transferred.
  const records = Buffer.allocUnsafeSlow(messages.reduce((sum, message) => sum + lengthOf(message), 0));
  let at = 0;
  const putHex = (text: string): void => {
    at += records.write(text, at, 'hex');
  };
  const putBytes = (bytes: Uint8Array): void => {
    records.set(bytes, at);
    at += bytes.length;
  };
  for (const { room, seq, at: time, hash, logHash, author, cid, entry } of messages) {
    for (const text of [room, entry.by, hash, logHash, cid]) putHex(text);
    at = records.writeDoubleLE(seq, at);
    at = records.writeDoubleLE(time, at);
    at = records.writeUInt8(Buffer.byteLength(author), at);
    at = records.writeUInt16LE(entry.signature.length, at);
    at = records.writeUInt32LE(entry.payload.length, at);
    at += records.write(author, at);
    putBytes(entry.signature);
    putBytes(entry.payload);
  }
  return records;
}

/** Prepares the function that reads one record after the other. */
export function recordReader(records: Uint8Array): () => MessageRecord {
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.length);
  let at = 0;
  const take = (length: number): Buffer => {
    const from = at;
    at += length;
    return bytes.subarray(from, at);
  };
  return () => {
    const room = take(hashBytes).toString('hex');
    const [by, hash, logHash, cid] = [take(hashBytes), take(hashBytes), take(hashBytes), take(cidBytes)];
    const [seq, time] = [bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8)];
    const lengths = at + 16;
    at = lengths + 7;
    const author = take(bytes.readUInt8(lengths)).toString();
    const signature = take(bytes.readUInt16LE(lengths + 1));
    const payload = take(bytes.readUInt32LE(lengths + 3));
    return { room, seq, at: time, hash, logHash, by, signature, payload, author, cid };
  };
}
