/** Accounts and entries for the contract suite. A store does not parse payloads, so these hold arbitrary text. */
import { createHash } from 'node:crypto';
import {
  type EntryType,
  type Fingerprint,
  fromHex,
  limits,
  type Policy,
  type RoomId,
  type SignedKnock,
  type UserName,
  utf8,
} from '@chat/protocol';
import type { NewAccount } from '../ports/directory.ts';
import type { WaitingLink } from '../ports/link-store.ts';
import type { Appending, KnockBounds, RoleGiven, RoomChange, StoredEntry } from '../ports/room-store.ts';
import { SheetHashes, type WrapSheet } from '../ports/wrap-sheet.ts';

/** Returns a hash that serves as an identifier of any kind. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Returns a client id of 32 hexadecimal digits that the text determines. */
export const cidOf = (text: string): string => hashOf(text).slice(0, 32);

/** Returns an account whose key the text `key` determines. `enrolledAt` counts milliseconds. */
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

/** Returns an entry of `author` at a position. Fields that are not given follow from room and position. */
export function entryOf(roomId: RoomId, seq: number, author: UserName | null, options: EntryOptions = {}): Appending {
  const type = options.change === undefined ? 'message' : typeOf(options.change);
  const payload = options.payload ?? `{"text":"position ${seq} of ${roomId}, \\u00e9 é 🙂"}`;
  return {
    room: roomId,
    seq,
    at: 1_000_000 + seq,
    hash: hashOf(`${roomId} ${seq} ${author}`),
    logHash: logHashAt(roomId, seq),
    entry: {
      type,
      payload: utf8(payload),
      by: hashOf(author ?? 'the authority'),
      signature: utf8('signature'),
    },
    author,
    cid: options.cid ?? cidOf(`${roomId} ${seq} ${author}`),
    change: options.change ?? null,
  };
}

/** Returns the log hash that an entry of these fixtures has. */
export const logHashAt = (roomId: RoomId, seq: number): string => hashOf(`log of ${roomId} up to ${seq}`);

const identityOf = (user: UserName) => ({ user, fingerprint: hashOf(user) });

/** The policy of a room that every user may join, with the history since the join. */
export const openPolicy: Policy = { join: 'open', history: 'since-join' };

/** Returns the `create` entry of a room, which is the entry at position 1. */
export const createOf = (roomId: RoomId, name: string, author: UserName, policy: Policy = openPolicy): Appending =>
  entryOf(roomId, 1, author, { change: { kind: 'create', name, policy, ...identityOf(author) } });

/** Returns an `invite` entry, by which the author invites the user. */
export const inviteOf = (roomId: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'invite', ...identityOf(user), by: author } });

/** Returns a `join` entry. The author may read messages from position `readsFrom` on. */
export const joinOf = (roomId: RoomId, seq: number, author: UserName, readsFrom = seq): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'join', ...identityOf(author), readsFrom } });

interface DepartureOptions {
  readonly closes?: boolean;
  readonly successor?: UserName;
}

const departureOf = ({ closes = false, successor }: DepartureOptions) => ({ closes, successor: successor ?? null });

/** Returns a `leave` entry. */
export const leaveOf = (roomId: RoomId, seq: number, author: UserName, options: DepartureOptions = {}): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'leave', ...identityOf(author), ...departureOf(options) } });

/** Returns a `role` entry, which gives roles to members. */
export const roleOf = (roomId: RoomId, seq: number, author: UserName, roles: readonly RoleGiven[]): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'role', roles } });

/** Returns a `remove` entry, by which the author removes the user. */
export const removeOf = (roomId: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'remove', ...identityOf(user) } });

/** Returns a `withdraw` entry, which withdraws the user's invitation. */
export const withdrawOf = (roomId: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'withdraw', ...identityOf(user) } });

/** Returns a `decline` entry, by which an invited user declines. */
export const declineOf = (roomId: RoomId, seq: number, author: UserName): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'decline', ...identityOf(author) } });

/** Returns a `readmit` entry, which ends the user's removal. */
export const readmitOf = (roomId: RoomId, seq: number, author: UserName, user: UserName): Appending =>
  entryOf(roomId, seq, author, { change: { kind: 'readmit', fingerprint: hashOf(user) } });

/**
 * Returns a `revoke` entry, which has no author.
 *
 * @param departure null when the user is neither a member nor invited
 */
export const revokeOf = (
  roomId: RoomId,
  seq: number,
  user: UserName,
  departure: DepartureOptions | null = {},
): Appending =>
  entryOf(roomId, seq, null, {
    change: { kind: 'revoke', ...identityOf(user), departure: departure && departureOf(departure) },
  });

/** Returns a knock of the user. Its signature is not valid, because a store does not verify it. */
export const knockOf = (user: UserName, text = user): SignedKnock => ({
  payload: `{"knock":"${text}"}`,
  by: hashOf(user),
  signature: 'c2lnbmF0dXJl',
});

/** Returns bounds of knocks at a time, in milliseconds: they end after 1,000, and a dismissal after 100. */
export const knocksWaiting = (now: number, bounds: Partial<KnockBounds> = {}): KnockBounds => ({
  now,
  ageMs: 1_000,
  dismissalMs: 100,
  perRoom: 50,
  perUser: 20,
  ...bounds,
});

interface EpochOptions {
  readonly number: number;
  readonly answers: number;
  readonly to: readonly Fingerprint[];
  /** Default: those of `wrappedEpoch`. */
  readonly sheets?: readonly WrapSheet[];
}

/** Returns an `epoch` entry with one wrap for each recipient. */
export function epochOf(
  roomId: RoomId,
  seq: number,
  author: UserName,
  { number, answers, to, sheets = wrappedEpoch(number, to).sheets }: EpochOptions,
): Appending {
  const epoch = {
    number,
    v: 2,
    hash: hashOf(`epoch ${number} of ${roomId}`),
    answers,
    freshSeq: seq,
    freshAt: seq,
  } as const;
  return entryOf(roomId, seq, author, { change: { kind: 'epoch', epoch, sheets } });
}

/** Returns the wrap of these fixtures for a recipient. */
export const wrapOf = (number: number, to: Fingerprint): Uint8Array =>
  Buffer.concat([fromHex(hashOf(`wrap ${number} of ${to}`)), Buffer.alloc(28, number)]);

/** The wraps of an epoch for these recipients, as a store gets them. */
export interface WrappedEpoch {
  readonly sheets: readonly WrapSheet[];
  /** What the epoch entry names. */
  readonly commitment: string;
}

/**
 * Returns the wraps of an epoch.
 *
 * @param without recipients who get none
 */
export function wrappedEpoch(
  number: number,
  to: readonly Fingerprint[],
  without: readonly Fingerprint[] = [],
): WrappedEpoch {
  const sorted = [...to].sort();
  const list = {
    recipients: Buffer.concat(sorted.map(fromHex)),
    slots: Buffer.concat(sorted.map((each) => (without.includes(each) ? Buffer.alloc(60) : wrapOf(number, each)))),
  };
  const hashes = new SheetHashes(list);
  return { sheets: hashes.sheets(), commitment: hashes.commitment };
}

/** Returns a link between two users. Its fields follow from `name`. */
export const linkOf = (from: UserName, to: UserName, name = `${from} to ${to}`): WaitingLink => ({
  from: hashOf(from),
  to: hashOf(to),
  id: fromHex(hashOf(name)).subarray(0, 8),
  prekey: fromHex(hashOf(`prekey of ${to}`)).subarray(0, 8),
  opening: Buffer.alloc(limits.openingBytes, hashOf(`opening of ${name}`)),
});

/** Returns the part of an entry that a reader gets. */
export const stored = ({ seq, at, hash, logHash, entry }: Appending): StoredEntry => ({
  seq,
  at,
  hash,
  logHash,
  entry,
});
