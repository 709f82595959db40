/** Signed entries as a client makes them. Tokens and commitments are arbitrary text, which the server cannot detect. */
import { randomBytes } from 'node:crypto';
import {
  decodePayload,
  type EntryType,
  encodePayload,
  entryDomain,
  type KnockPayload,
  knockDomain,
  type Payload,
  type Policy,
  type Role,
  roomIdOf,
  type SignedEntry,
  type SignedKnock,
  toBase64url,
  utf8,
} from '@chat/protocol';
import type { Signer } from '@chat/signatures';
import { noHash, viewAt } from './views.ts';
import { commitmentOf, type TestWrap } from './wraps.ts';

export interface Author {
  readonly user: string;
  readonly signer: Signer;
}

const at = 1_700_000_000_000;
export const newCid = (): string => randomBytes(16).toString('hex');

export function signed<T extends EntryType>(author: Author, payload: Payload<T>): SignedEntry {
  const bytes = encodePayload(payload);
  const room = 'room' in payload ? (payload.room ?? '') : '';
  const signature = author.signer.sign(entryDomain(payload.type, room), bytes);
  return { type: payload.type, payload: bytes, by: author.signer.fingerprint, signature };
}

const authorFields = ({ user, signer }: Author) => ({ author: user, key: toBase64url(signer.publicKey) });

const openPolicy: Policy = { join: 'open', history: 'since-join' };

export function create(author: Author, name: string, policy = openPolicy): { entry: SignedEntry; room: string } {
  const entry = signed<'create'>(author, {
    v: 2,
    type: 'create',
    name,
    ...authorFields(author),
    policy,
    nonce: newCid(),
    at,
  });
  return { entry, room: roomIdOf(entry.payload) };
}

export const join = (author: Author, room: string, after = 1): SignedEntry =>
  signed<'join'>(author, { v: 1, room, at, type: 'join', ...authorFields(author), after });

export const decline = (author: Author, room: string, after: number): SignedEntry =>
  signed<'decline'>(author, { v: 1, room, at, type: 'decline', author: author.user, after });

export const leave = (author: Author, room: string, seq: number): SignedEntry =>
  signed<'leave'>(author, { v: 1, room, at, type: 'leave', author: author.user, head: viewAt(room, seq) });

/** A decision of an author who has read the log up to `seq`. */
export interface DecisionFields {
  /** The user whom the decision is about. */
  readonly about: Author;
  readonly seq: number;
}

const decision = (author: Author, room: string, { about, seq }: DecisionFields) => ({
  v: 1 as const,
  room,
  at,
  author: author.user,
  user: about.user,
  fingerprint: about.signer.fingerprint,
  head: viewAt(room, seq),
});

export const remove = (author: Author, room: string, fields: DecisionFields): SignedEntry =>
  signed<'remove'>(author, { ...decision(author, room, fields), type: 'remove' });

export const giveRole = (author: Author, room: string, role: Role, fields: DecisionFields): SignedEntry =>
  signed<'role'>(author, { ...decision(author, room, fields), type: 'role', role });

/** An invitation by an author who has read the log up to `seq`. */
export const invite = (author: Author, room: string, fields: DecisionFields, verified = false): SignedEntry =>
  signed<'invite'>(author, {
    ...decision(author, room, fields),
    type: 'invite',
    key: toBase64url(fields.about.signer.publicKey),
    verified,
  });

/** A `revoke` entry that the authority signs. */
export const revoke = (authority: Signer, room: string, about: Author): SignedEntry =>
  signed<'revoke'>(
    { user: '', signer: authority },
    { v: 1, room, at, type: 'revoke', user: about.user, fingerprint: about.signer.fingerprint },
  );

export function knock({ user, signer }: Author, room: string, fields: Partial<KnockPayload> = {}): SignedKnock {
  const key = toBase64url(signer.publicKey);
  const payload = JSON.stringify({ v: 1, type: 'knock', room, author: user, key, at, ...fields });
  return { payload, by: signer.fingerprint, signature: toBase64url(signer.sign(knockDomain(room), utf8(payload))) };
}

export interface EpochFields {
  readonly number: number;
  readonly answers: number;
  readonly previous?: string;
  readonly kind?: 'fresh' | 'step';
  readonly reason?: Payload<'epoch'>['reason'];
  /** One for each recipient. */
  readonly wraps: readonly TestWrap[];
  /** Default: 2. */
  readonly v?: 1 | 2;
  readonly past?: string;
  readonly head?: Payload<'epoch'>['head'];
}

export const epoch = (author: Author, room: string, fields: EpochFields): SignedEntry =>
  signed<'epoch'>(author, {
    v: 2,
    room,
    at,
    type: 'epoch',
    author: author.user,
    head: viewAt(room, 1),
    previous: noHash,
    kind: 'fresh',
    reason: 'membership',
    commitment: noHash,
    ...fields,
    wraps: commitmentOf(fields.wraps),
  });

/** The signature r = 1, s = 1 in DER. */
const constantSignature = Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1);

/** Returns the fields of a payload. */
export const fieldsOf = (payload: Uint8Array) => decodePayload(payload) as ReturnType<typeof JSON.parse>;

/** A message. The server does not verify its signature, but requires the form of one. */
export function message(
  author: Author,
  room: string,
  number: number,
  token = 'token',
  head = viewAt(room, 1),
): SignedEntry {
  return {
    type: 'message',
    payload: encodePayload({ type: 'message', epoch: number, head, token: utf8(token) }),
    by: author.signer.fingerprint,
    signature: constantSignature,
  };
}
