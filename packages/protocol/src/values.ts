/** The schemas of the values that frames and entries are made of. */
import { z } from 'zod';
import { fromBase64url, toBase64url } from './bytes.ts';
import { limits } from './limits.ts';

declare const idKind: unique symbol;

/**
 * A string that identifies one kind of thing. Two kinds do not mix: the compiler refuses a `RoomName` where a `RoomId` is
 * expected. A plain string is accepted, because the schemas below validate every string that comes from outside.
 */
type Id<Kind extends string> = string & { readonly [idKind]?: Kind };

export type UserName = Id<'UserName'>;
export type RoomName = Id<'RoomName'>;
export type RoomId = Id<'RoomId'>;
export type Fingerprint = Id<'Fingerprint'>;

const idOf = <T extends string>(schema: z.ZodString): z.ZodType<T, string> => schema as unknown as z.ZodType<T, string>;

/** 1 to 32 of `a-z 0-9 _ -`, a letter or digit first: no look-alikes, no case, nothing to escape anywhere. */
export const userName = idOf<UserName>(
  z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,31}$/,
      'a user name is 1 to 32 of a-z, 0-9, _ and -, and starts with a letter or digit',
    ),
);

/** 1 to 48 of `a-z 0-9 . _ -`, a letter or digit first. */
export const roomName = idOf<RoomName>(
  z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,47}$/,
      'a room name is 1 to 48 of a-z, 0-9, ., _ and -, and starts with a letter or digit',
    ),
);

const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');

/** Of an entry, or of a log up to one. */
export const hash = sha256();

/** SHA-256 of an identity key's SubjectPublicKeyInfo: what a person is known by. */
export const fingerprint = idOf<Fingerprint>(sha256());

/** Hash of the `create` entry's payload: a room's id cannot be given to another room. */
export const roomId = idOf<RoomId>(sha256());

/** Chosen by a client for one request, so that a repeat after a reconnect is recognised. */
export const clientId = z.string().regex(/^[0-9a-f]{32}$/, '16 bytes in lower-case hex');

const isCanonical = (text: string): boolean => {
  try {
    return toBase64url(fromBase64url(text)) === text;
  } catch {
    return false;
  }
};

/** Canonical, unpadded base64url of at most `max` characters: what passes here, `fromBase64url` takes. */
export const base64url = (max: number) =>
  z.string().min(2).max(max).refine(isCanonical, 'must be canonical, unpadded base64url');

/** SubjectPublicKeyInfo of a P-384 key (120 bytes). */
export const identityKey = base64url(400);

/** Position in a room's log; the first entry has 1. */
export const sequence = z.int().min(1);

/** Milliseconds since 1970, as far as a date goes (ECMA-262, 21.4.1.1). */
export const timestamp = z.int().min(0).max(8.64e15);

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
