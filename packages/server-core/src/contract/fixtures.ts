/** Accounts and entries for the contract suite. A store never looks inside a payload, so these hold any text. */
import { createHash } from 'node:crypto';
import type { EntryType, Fingerprint, Policy, RoomId, SignedKnock, UserName } from '@chat/protocol';
import type { NewAccount } from '../ports/directory.ts';
import type { Appending, RoleGiven, RoomChange, StoredEntry } from '../ports/room-store.ts';

/** A hash that stands for anything that has one. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const cidOf = (text: string): string => hashOf(text).slice(0, 32);

export function accountOf(user: UserName, key: string = user, enrolledAt = 1_000): NewAccount {
  return { user, fingerprint: hashOf(key), identity: Buffer.from(`key of ${key}`), enrolledAt };
}

interface EntryOptions {
  readonly change?: RoomChange;
  readonly cid?: string;
  readonly payload?: string;
}

const entryTypes = { readmit: 'role', withdraw: 'remove' } as const;

const typeOf = ({ kind }: RoomChange): EntryType =>
  kind === 'readmit' || kind === 'withdraw' ? entryTypes[kind] : kind;

/** An entry of `author` at a position; what is not given follows from room and position. */
export function entryOf(room: RoomId, seq: number, author: UserName | null, options: EntryOptions = {}): Appending {
  const type = options.change === undefined ? 'message' : typeOf(options.change);
  const payload = options.payload ?? `{"text":"position ${seq} of ${room}, \\u00e9 é 🙂"}`;
  return {
    room,
    seq,
    at: 1_000_000 + seq,
    hash: hashOf(`${room} ${seq} ${author}`),
    logHash: logHashAt(room, seq),
    entry: { type, payload, by: hashOf(author ?? 'the authority'), signature: 'c2lnbmF0dXJl' },
    author,
    cid: options.cid ?? cidOf(`${room} ${seq} ${author}`),
    change: options.change ?? null,
  };
}

/** The log hash that each entry of these is given. */
export const logHashAt = (room: RoomId, seq: number): string => hashOf(`log of ${room} up to ${seq}`);

const personOf = (user: UserName) => ({ user, fingerprint: hashOf(user) });

export const openPolicy: Policy = { join: 'open', history: 'since-join' };

export const createOf = (room: RoomId, name: string, author: UserName, policy: Policy = openPolicy): Appending =>
  entryOf(room, 1, author, { change: { kind: 'create', name, policy, ...personOf(author) } });

export const inviteOf = (room: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(room, seq, author, { change: { kind: 'invite', ...personOf(user), by: author } });

export const joinOf = (room: RoomId, seq: number, author: UserName, readsFrom = seq): Appending =>
  entryOf(room, seq, author, { change: { kind: 'join', ...personOf(author), readsFrom } });

interface DepartureOptions {
  readonly closes?: boolean;
  readonly successor?: UserName;
}

const departureOf = ({ closes = false, successor }: DepartureOptions) => ({ closes, successor: successor ?? null });

export const leaveOf = (room: RoomId, seq: number, author: UserName, options: DepartureOptions = {}): Appending =>
  entryOf(room, seq, author, { change: { kind: 'leave', ...personOf(author), ...departureOf(options) } });

export const roleOf = (room: RoomId, seq: number, author: UserName, roles: readonly RoleGiven[]): Appending =>
  entryOf(room, seq, author, { change: { kind: 'role', roles } });

export const removeOf = (room: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(room, seq, author, { change: { kind: 'remove', ...personOf(user) } });

export const withdrawOf = (room: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(room, seq, author, { change: { kind: 'withdraw', ...personOf(user) } });

export const readmitOf = (room: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(room, seq, author, { change: { kind: 'readmit', fingerprint: hashOf(user) } });

/** @param departure null where the user is neither a member nor invited */
export const revokeOf = (
  room: RoomId,
  seq: number,
  user: UserName,
  departure: DepartureOptions | null = {},
): Appending =>
  entryOf(room, seq, null, {
    change: { kind: 'revoke', ...personOf(user), departure: departure && departureOf(departure) },
  });

export const knockOf = (user: UserName, text = user): SignedKnock => ({
  payload: `{"knock":"${text}"}`,
  by: hashOf(user),
  signature: 'c2lnbmF0dXJl',
});

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
