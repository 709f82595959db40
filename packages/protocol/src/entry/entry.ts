/**
 * A room's log entry: the exact string that its author signed, the signature, and who signed.
 * Nobody ever encodes a payload again: it is verified as it came, and parsed only then.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { fromBase64url, fromHex, toHex, utf8 } from '../bytes.ts';
import { limits } from '../limits.ts';
import { base64url, fingerprint, hash, type RoomId, sequence, timestamp } from '../values.ts';

const entryTypes = ['create', 'invite', 'join', 'leave', 'role', 'remove', 'revoke', 'epoch', 'message'] as const;
export type EntryType = (typeof entryTypes)[number];

/** An entry as its author hands it to the server. */
export const signedEntry = z.strictObject({
  type: z.enum(entryTypes),
  /**
   * The signed string: JSON, of the schema that `payloads` has for the type. Half a surrogate pair has no UTF-8 and would
   * be signed as another character: two payloads would share a signature and a hash.
   */
  payload: z
    .string()
    .max(limits.frameBytes)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode'),
  /** Fingerprint of the key that signed: the author's identity, or for a `revoke` that of the server's CA. */
  by: fingerprint,
  /** ECDSA P-384 with SHA-256, DER, under `entryDomain(type, room)`. */
  signature: base64url(160),
});
export type SignedEntry = z.infer<typeof signedEntry>;

/** An entry with the place and time that the server gave it. The time is the server's word only. */
export const loggedEntry = z.strictObject({ seq: sequence, at: timestamp, entry: signedEntry });
export type LoggedEntry = z.infer<typeof loggedEntry>;

/** What a member gets in place of a message from before they joined: enough for the log hash, nothing to read. */
export const loggedStub = z.strictObject({ seq: sequence, hash });
export type LoggedStub = z.infer<typeof loggedStub>;

/** The domain under which an entry is signed: never valid for another type or another room. */
export function entryDomain(type: EntryType, room: RoomId | '') {
  return { protocol: 'chat/1', purpose: `room.${type}`, context: type === 'create' ? '' : room };
}

/** A room's id is the SHA-256 of its `create` payload. */
export const roomIdOf = (createPayload: string): RoomId => toHex(sha256(utf8(createPayload)));

const uint64 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
};

/** SHA-256 over label, signer (32 bytes), signature length (8 bytes, big-endian), signature, payload. */
export function entryHash(entry: SignedEntry): string {
  const signature = fromBase64url(entry.signature);
  return toHex(
    sha256(
      concatBytes(utf8('chat/1 entry\n'), fromHex(entry.by), uint64(signature.length), signature, utf8(entry.payload)),
    ),
  );
}

/** The log hash before the first entry: it already names the room. */
export const emptyLogHash = (room: RoomId): string => toHex(sha256(concatBytes(utf8('chat/1 log\n'), fromHex(room))));

/**
 * The log hash after one more entry: SHA-256 over label, the hash before, the position (8 bytes), the entry's hash, its type.
 * The type is in it so that nothing but a message can pass for one: only messages may be given as stubs.
 */
export function nextLogHash(before: string, seq: number, type: EntryType, hashOfEntry: string): string {
  return toHex(
    sha256(concatBytes(utf8('chat/1 next\n'), fromHex(before), uint64(seq), fromHex(hashOfEntry), utf8(type))),
  );
}
