/** Accounts and entries for the contract suite. A store never looks inside a payload, so these hold any text. */
import { createHash } from 'node:crypto';
import type { EntryType, Fingerprint, RoomId, UserName } from '@chat/protocol';
import type { Account } from '../ports/directory.ts';
import type { Appending, RoleGiven, RoomChange, StoredEntry } from '../ports/room-store.ts';

/** A hash that stands for anything that has one. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const cidOf = (text: string): string => hashOf(text).slice(0, 32);

export function accountOf(user: UserName, key: string = user, enrolledAt = 1_000): Account {
  return { user, fingerprint: hashOf(key), identity: Buffer.from(`key of ${key}`), enrolledAt };
}

interface EntryOptions {
  readonly change?: RoomChange;
  readonly cid?: string;
  readonly payload?: string;
}

const typeOf = ({ kind }: RoomChange): EntryType => (kind === 'readmit' ? 'role' : kind);

/** An entry of `author` at a position; what is not given follows from room and position. */
export function entryOf(room: RoomId, seq: number, author: UserName, options: EntryOptions = {}): Appending {
  const type = options.change === undefined ? 'message' : typeOf(options.change);
  const payload = options.payload ?? `{"text":"position ${seq} of ${room}, \\u00e9 é 🙂"}`;
  return {
    room,
    seq,
    at: 1_000_000 + seq,
    hash: hashOf(`${room} ${seq} ${author}`),
    entry: { type, payload, by: hashOf(author), signature: 'c2lnbmF0dXJl' },
    author,
    cid: options.cid ?? cidOf(`${room} ${seq} ${author}`),
    change: options.change ?? null,
  };
}

export const createOf = (room: RoomId, name: string, author: UserName): Appending =>
  entryOf(room, 1, author, { change: { kind: 'create', name, fingerprint: hashOf(author) } });

export const joinOf = (room: RoomId, seq: number, author: UserName): Appending =>
  entryOf(room, seq, author, { change: { kind: 'join', fingerprint: hashOf(author) } });

interface LeaveOptions {
  readonly closes?: boolean;
  readonly successor?: UserName;
}

export function leaveOf(room: RoomId, seq: number, author: UserName, options: LeaveOptions = {}): Appending {
  const { closes = false, successor = null } = options;
  return entryOf(room, seq, author, { change: { kind: 'leave', fingerprint: hashOf(author), closes, successor } });
}

export const roleOf = (room: RoomId, seq: number, author: UserName, roles: readonly RoleGiven[]): Appending =>
  entryOf(room, seq, author, { change: { kind: 'role', roles } });

export const removeOf = (room: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(room, seq, author, { change: { kind: 'remove', user, fingerprint: hashOf(user) } });

export const readmitOf = (room: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(room, seq, author, { change: { kind: 'readmit', fingerprint: hashOf(user) } });

interface EpochOptions {
  readonly number: number;
  readonly answers: number;
  readonly to: readonly Fingerprint[];
}

export function epochOf(room: RoomId, seq: number, author: UserName, { number, answers, to }: EpochOptions): Appending {
  const wraps = to.map((fingerprint) => ({ to: fingerprint, envelope: `wrap_${number}_${fingerprint}` }));
  const epoch = { number, hash: hashOf(`epoch ${number} of ${room}`), answers };
  return entryOf(room, seq, author, { change: { kind: 'epoch', epoch, wraps } });
}

/** The part of an entry that a reader gets back. */
export const stored = ({ seq, at, hash, entry }: Appending): StoredEntry => ({ seq, at, hash, entry });
