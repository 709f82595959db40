/**
 * Entries of a log: the exact bytes that the author signed, the signature, and the signer's fingerprint. A payload is
 * verified as it was received and never encoded again.
 */
import { z } from 'zod';
import { allocate, putHex, putUint32, sha256, sha256Hex, utf8 } from '../bytes.ts';
import { limits } from '../limits.ts';
import { byteString, fingerprint, hash, type RoomId, sequence, timestamp } from '../values.ts';
import { HashInput } from './hash-input.ts';

/** All entry types. */
export const entryTypes = [
  'create',
  'invite',
  'join',
  'decline',
  'leave',
  'role',
  'remove',
  'revoke',
  'epoch',
  'message',
  'renew-key',
] as const;
/** The type of an entry. */
export type EntryType = (typeof entryTypes)[number];

/** Schema of an entry as its author sends it. */
export const signedEntry = z.strictObject({
  type: z.enum(entryTypes),
  /** The signed bytes: the schema that `payloads` has for the type. */
  payload: byteString(0, limits.frameBytes),
  /** Fingerprint of the signer's key: the author's identity key, or for a `revoke` the server's CA key. */
  by: fingerprint,
  /** ECDSA P-384 with SHA-256 in DER, under `entryDomain(type, roomId)`. With a low s, except in rooms of `create` with `v` 1. */
  signature: byteString(1, 120),
});
/** An entry as its author sends it. */
export type SignedEntry = z.infer<typeof signedEntry>;

/** Schema of an entry with the position and time that the server gave it. The time is not authenticated. */
export const loggedEntry = z.strictObject({ seq: sequence, at: timestamp, entry: signedEntry });
/** An entry with its position and time. */
export type LoggedEntry = z.infer<typeof loggedEntry>;

/** Bytes of an entry hash. */
const hashBytes = 32;
const uint32 = 2 ** 32;

/**
 * Schema of stubs: the entry hashes of messages that follow each other, which the server sends instead of messages that the member
 * may not read. They suffice for the log hash.
 */
export const loggedStubs = z.strictObject({
  /** The position of the first one. */
  seq: sequence,
  /** One hash after another. */
  hashes: byteString(hashBytes, limits.frameBytes).refine(({ length }) => length % hashBytes === 0, 'whole hashes'),
});
/** Stubs of messages that follow each other. */
export type LoggedStubs = z.infer<typeof loggedStubs>;

/** Returns the number of stubs. */
export const countOfStubs = ({ hashes }: Pick<LoggedStubs, 'hashes'>): number => hashes.length / hashBytes;

/** Returns the stubs from a position on; null when they all precede it. */
export function stubsFrom({ seq, hashes }: LoggedStubs, from: number): LoggedStubs | null {
  if (from <= seq) return { seq, hashes };
  const rest = hashes.subarray((from - seq) * hashBytes);
  return rest.length === 0 ? null : { seq: from, hashes: rest };
}

/**
 * Schema of a gap, which the server sends instead of an entry that it no longer has. `damaged`: its copy is damaged. `expired`:
 * it has deleted a message that is older than it keeps messages. Hash and type suffice for the log hash; both are null when
 * the server's copies of them are damaged too.
 */
export const loggedGap = z.strictObject({
  seq: sequence,
  hash: hash.nullable(),
  type: z.enum(entryTypes).nullable(),
  cause: z.enum(['damaged', 'expired']),
});
/** A gap. */
export type LoggedGap = z.infer<typeof loggedGap>;

/** Returns the signature domain of an entry. A signature is valid for one type and one room only. */
export function entryDomain(type: EntryType, roomId: RoomId | '') {
  return { protocol: 'chat/1', purpose: `room.${type}`, context: type === 'create' ? '' : roomId };
}

/** Returns the room id: the SHA-256 of the payload of the room's `create` entry. */
export const roomIdOf = (createPayload: Uint8Array): RoomId => sha256Hex(createPayload);

const entryLabel = utf8('chat/1 entry\n');
const logLabel = utf8('chat/1 log\n');
const nextLabel = utf8('chat/1 next\n');
const typeBytes = new Map<string, Uint8Array>(entryTypes.map((type) => [type, utf8(type)]));

/** Returns the entry hash: SHA-256 over label, signer (32 bytes), signature length (8 bytes, big-endian), signature, payload. */
export function entryHash({ by, signature, payload }: SignedEntry): string {
  return new HashInput(entryLabel.length + by.length / 2 + 8 + signature.length + payload.length)
    .raw(entryLabel)
    .hex(by)
    .uint64(signature.length)
    .raw(signature)
    .raw(payload)
    .sha256Hex();
}

/** Returns the log hash before the first entry, which covers the room id. */
export const emptyLogHash = (roomId: RoomId): string =>
  new HashInput(logLabel.length + roomId.length / 2).raw(logLabel).hex(roomId).sha256Hex();

/** The part of an entry that its log hash covers. */
export interface HashedEntry {
  readonly seq: number;
  readonly type: EntryType;
  /** The entry hash. */
  readonly hash: string;
}

/**
 * Returns the log hash after an entry: SHA-256 over label, the log hash before, the position (8 bytes), the entry hash, the
 * type. The hash covers the type because only messages may be replaced by stubs.
 */
export function nextLogHash(before: string, { seq, type, hash: hashOfEntry }: HashedEntry): string {
  const typeInBytes = typeBytes.get(type) ?? utf8(type);
  return new HashInput(nextLabel.length + before.length / 2 + 8 + hashOfEntry.length / 2 + typeInBytes.length)
    .raw(nextLabel)
    .hex(before)
    .uint64(seq)
    .hex(hashOfEntry)
    .raw(typeInBytes)
    .sha256Hex();
}

const stubType = utf8('message');
/** Where the log hash before, the position and the entry hash stand in what the log hash of a stub covers. */
const [logHashAt, seqAt] = [nextLabel.length, nextLabel.length + hashBytes];
const entryHashAt = seqAt + 8;

/**
 * Returns the log hashes at the positions of stubs, one after another: those of `nextLogHash` for each of them, in a fraction of the
 * time, because rooms have a hundred thousand.
 *
 * @param before the log hash before the first stub
 */
export function logHashesOfStubs(before: string, { seq, hashes }: LoggedStubs): Uint8Array {
  const step = allocate(entryHashAt + hashBytes + stubType.length);
  step.set(nextLabel);
  putHex(before, step, logHashAt);
  step.set(stubType, entryHashAt + hashBytes);
  const logHashes = new Uint8Array(hashes.length);
  for (let at = 0; at < hashes.length; at += hashBytes) {
    const position = seq + at / hashBytes;
    putUint32(step, seqAt, position / uint32);
    putUint32(step, seqAt + 4, position);
    step.set(hashes.subarray(at, at + hashBytes), entryHashAt);
    const logHash = sha256(step);
    step.set(logHash, logHashAt);
    logHashes.set(logHash, at);
  }
  return logHashes;
}
