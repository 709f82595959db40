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
const idsBytes = 4 * hashBytes + cidBytes;
const fixedBytes = idsBytes + 8 + 8 + 1 + 2 + 4;
const maxAuthorBytes = 0xff;
const maxSignatureBytes = 0xffff;

/** A message that has the form of a record. */
export interface PlainMessage {
  readonly appending: Appending;
  /** Room, signer, hashes and id of the request, in hex: one text, because each conversion takes longer than its bytes. */
  readonly ids: string;
  readonly author: Buffer;
}

/** Returns an entry in the form of a record; null when it has another form. */
export function plainMessageOf(appending: Appending): PlainMessage | null {
  const { room, hash, logHash, cid, change, entry } = appending;
  if (entry.type !== 'message' || change !== null || appending.author === null) return null;
  const [roomChars, byChars, hashChars, logHashChars] = [room.length, entry.by.length, hash.length, logHash.length];
  const areHashes = roomChars === hashChars && byChars === hashChars && logHashChars === hashChars;
  if (!areHashes || hashChars !== 2 * hashBytes || cid.length !== 2 * cidBytes) return null;
  const author = Buffer.from(appending.author);
  if (author.length > maxAuthorBytes || entry.signature.length > maxSignatureBytes) return null;
  return { appending, ids: room + entry.by + hash + logHash + cid, author };
}

/** Writes records, one after the other, into a buffer of their own. */
export class RecordWriter {
  /** With room for all records. */
  readonly bytes: Buffer<ArrayBuffer>;
  #at = 0;

  /** @param messages that will be written, in this order */
  constructor(messages: readonly PlainMessage[]) {
    let size = 0;
    for (const { appending, author } of messages) {
      size += fixedBytes + author.length + appending.entry.signature.length + appending.entry.payload.length;
    }
    // Not from the pool of small buffers, which could not be transferred.
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Writes the next record. Returns false, and writes nothing, when an id is not in hex. */
  write({ appending, ids, author }: PlainMessage): boolean {
    const { bytes } = this;
    const { signature, payload } = appending.entry;
    // A conversion ends at the first character that is not hex.
    if (bytes.write(ids, this.#at, 'hex') < idsBytes) return false;
    let at = this.#at + idsBytes;
    at = bytes.writeDoubleLE(appending.seq, at);
    at = bytes.writeDoubleLE(appending.at, at);
    at = bytes.writeUInt8(author.length, at);
    at = bytes.writeUInt16LE(signature.length, at);
    at = bytes.writeUInt32LE(payload.length, at);
    for (const each of [author, signature, payload]) {
      bytes.set(each, at);
      at += each.length;
    }
    this.#at = at;
    return true;
  }
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
