/** Types and schemas of the values in frames and entries. */
import { z } from 'zod';
import { fromBase64url, toBase64url } from './bytes.ts';
import { limits } from './limits.ts';

declare const idKind: unique symbol;

/**
 * A string that identifies one kind of thing. Two kinds do not mix: the compiler refuses a `RoomName` where a `RoomId` is
 * expected. A plain string is accepted, because the schemas below validate every string that comes from outside.
 */
type Id<Kind extends string> = string & { readonly [idKind]?: Kind };

/** The name of a user at one server. */
export type UserName = Id<'UserName'>;
/** The name of a room, as users type it. */
export type RoomName = Id<'RoomName'>;
/** The SHA-256 of the payload of a room's `create` entry, in lower-case hex. */
export type RoomId = Id<'RoomId'>;
/** The SHA-256 of a public key's SubjectPublicKeyInfo, in lower-case hex. */
export type Fingerprint = Id<'Fingerprint'>;

const idOf = <T extends string>(schema: z.ZodString): z.ZodType<T, string> => schema as unknown as z.ZodType<T, string>;

/**
 * Schema of a user name: 1 to 32 of `a-z 0-9 _ -`, a letter or digit first. There are no look-alike characters, no upper case,
 * and no character that any format must escape.
 */
export const userName = idOf<UserName>(
  z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,31}$/,
      'a user name is 1 to 32 of a-z, 0-9, _ and -, and starts with a letter or digit',
    ),
);

/** Schema of a room name: 1 to 48 of `a-z 0-9 . _ -`, a letter or digit first. */
export const roomName = idOf<RoomName>(
  z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,47}$/,
      'a room name is 1 to 48 of a-z, 0-9, ., _ and -, and starts with a letter or digit',
    ),
);

const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');

/** Schema of an entry hash or a log hash. */
export const hash = sha256();

/** Schema of a fingerprint. */
export const fingerprint = idOf<Fingerprint>(sha256());

/** Schema of a room id. As the hash of the room's first payload, it cannot be assigned to another room. */
export const roomId = idOf<RoomId>(sha256());

/** Schema of the id that a client chooses for one request, by which the server recognises a repeated request. */
export const clientId = z.string().regex(/^[0-9a-f]{32}$/, '16 bytes in lower-case hex');

const isCanonical = (text: string): boolean => {
  try {
    return toBase64url(fromBase64url(text)) === text;
  } catch {
    return false;
  }
};

/** Schema of canonical, unpadded base64url of 2 to `max` characters. `fromBase64url` decodes every text that passes. */
export const base64url = (max: number) =>
  z.string().min(2).max(max).refine(isCanonical, 'must be canonical, unpadded base64url');

/** Schema of bytes that are bytes in memory too. */
export const byteString = (min: number, max: number) =>
  z
    .instanceof(Uint8Array<ArrayBufferLike>)
    .refine((bytes) => bytes.length >= min && bytes.length <= max, `must be ${min} to ${max} bytes`);

/** Schema of an identity key: SubjectPublicKeyInfo of a P-384 key, 120 bytes. */
export const identityKey = base64url(400);

/** Schema of a position in a log. The first entry has 1. */
export const sequence = z.int().min(1);

/** Schema of a time: milliseconds since 1970, up to the largest date of ECMA-262 (section 21.4.1.1). */
export const timestamp = z.int().min(0).max(8.64e15);

/** Schema of a certificate in PEM. */
export const pem = z.string().max(limits.pemBytes);

/** A user name and the fingerprint of its identity key: what a user is known by. */
export interface Identity {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
}

/** An identity together with its public key. */
export interface PublicIdentity extends Identity {
  /** SubjectPublicKeyInfo in base64url. */
  readonly key: string;
}
