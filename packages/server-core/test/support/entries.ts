/** Signed entries as a client makes them. Tokens and commitments are any text: the server cannot tell. */
import { randomBytes } from 'node:crypto';
import {
  type EntryType,
  entryDomain,
  type Payload,
  type Role,
  roomIdOf,
  type SignedEntry,
  toBase64url,
  utf8,
  type Wrap,
  wrapsDigest,
} from '@chat/protocol';
import type { Signer } from '@chat/signatures';

export interface Author {
  readonly user: string;
  readonly signer: Signer;
}

const at = 1_700_000_000_000;
export const noHash = '0'.repeat(64);
export const newCid = (): string => randomBytes(16).toString('hex');

export function signed<T extends EntryType>(author: Author, payload: Payload<T>): SignedEntry {
  const text = JSON.stringify(payload);
  const room = 'room' in payload ? payload.room : '';
  const signature = author.signer.sign(entryDomain(payload.type, room), utf8(text));
  return { type: payload.type, payload: text, by: author.signer.fingerprint, signature: toBase64url(signature) };
}

const person = ({ user, signer }: Author) => ({ author: user, key: toBase64url(signer.publicKey), prekey: 'cHJla2V5' });

export function create(author: Author, name: string): { entry: SignedEntry; room: string } {
  const entry = signed<'create'>(author, {
    v: 1,
    type: 'create',
    name,
    ...person(author),
    policy: { join: 'open', history: 'since-join' },
    nonce: newCid(),
    at,
  });
  return { entry, room: roomIdOf(entry.payload) };
}

export const join = (author: Author, room: string, after = 1): SignedEntry =>
  signed<'join'>(author, { v: 1, room, at, type: 'join', ...person(author), after });

export const leave = (author: Author, room: string, seq: number): SignedEntry =>
  signed<'leave'>(author, { v: 1, room, at, type: 'leave', author: author.user, head: { seq, hash: noHash } });

/** What an author decides about somebody, having seen the log up to `seq`. */
export interface DecisionFields {
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
  head: { seq, hash: noHash },
});

export const remove = (author: Author, room: string, fields: DecisionFields): SignedEntry =>
  signed<'remove'>(author, { ...decision(author, room, fields), type: 'remove' });

export const giveRole = (author: Author, room: string, role: Role, fields: DecisionFields): SignedEntry =>
  signed<'role'>(author, { ...decision(author, room, fields), type: 'role', role });

export interface EpochFields {
  readonly number: number;
  readonly answers: number;
  readonly previous?: string;
  readonly kind?: 'fresh' | 'step';
  readonly reason?: Payload<'epoch'>['reason'];
  readonly wraps: readonly Wrap[];
}

export const epoch = (author: Author, room: string, fields: EpochFields): SignedEntry =>
  signed<'epoch'>(author, {
    v: 1,
    room,
    at,
    type: 'epoch',
    author: author.user,
    head: { seq: 1, hash: noHash },
    previous: noHash,
    kind: 'fresh',
    reason: 'membership',
    commitment: noHash,
    ...fields,
    wraps: wrapsDigest(fields.wraps),
  });

/** A message; the server does not look at its signature, so it has one that is cheap to make. */
export function message(author: Author, room: string, number: number, token = 'token'): SignedEntry {
  const payload: Payload<'message'> = { v: 1, type: 'message', room, epoch: number, token };
  return { type: 'message', payload: JSON.stringify(payload), by: author.signer.fingerprint, signature: 'c2ln' };
}

/** A wrap for each author: any bytes. */
export const wrapsFor = (...authors: readonly Author[]): Wrap[] =>
  authors.map(({ signer }) => ({ to: signer.fingerprint, envelope: toBase64url(randomBytes(24)) }));
