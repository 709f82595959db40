/** Reads a room's log without the code under test: members, messages and epochs. */

import {
  emptyLogHash,
  type Fingerprint,
  nextLogHash,
  type Policy,
  type RoomId,
  type RoomName,
  type UserName,
} from '@chat/protocol';
import type { StoredEntry } from '@chat/server-core';
import { fieldsOf } from '../../support/payload-fields.ts';

interface LoggedMessage {
  readonly seq: number;
  /** Entry hash. */
  readonly hash: string;
  readonly user: UserName;
  readonly epoch: number;
  readonly token: string;
}

export interface LoggedEpoch {
  readonly number: number;
  readonly seq: number;
  /** By the server's clock, in milliseconds. */
  readonly at: number;
  /** The members and invited users to whom the key was given, with the position from which they are such. */
  readonly recipients: ReadonlyMap<Fingerprint, number>;
  /** True if the secret is derived from the one before. Users who have that one get no wrap. */
  readonly isStep: boolean;
  /** The commitment to its secret, in hexadecimal. */
  readonly commitment: string;
  /** True if its secret also gives that of the epoch before. */
  readonly opensPast: boolean;
}

export interface HonestLog {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly policy: Policy;
  /** The log hash after each position. The first one is that of the empty log. */
  readonly hashes: readonly string[];
  /** The members at the end, with the position from which they get the room's keys. */
  readonly members: ReadonlyMap<Fingerprint, number>;
  /** When these members joined, by the server's clock, in milliseconds. */
  readonly joinedAt: ReadonlyMap<Fingerprint, number>;
  readonly messages: readonly LoggedMessage[];
  readonly epochs: readonly LoggedEpoch[];
  /** Epochs that no reader of this log accepts, because their authors had seen another log. */
  readonly voidEpochs: readonly LoggedEpoch[];
}

interface AnyPayload {
  readonly author: UserName;
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly name: RoomName;
  readonly policy: Policy;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly number: number;
  readonly kind: string;
  readonly commitment: string;
  readonly past?: string;
  readonly epoch: number;
  readonly token: string;
}

/** Entries of these types give access. Members ignore them if the author had seen another log. */
const grantsAccess: ReadonlySet<string> = new Set(['invite', 'role', 'epoch']);

/** @param forbidden hashes of entries that no member accepts */
export function readLog(
  room: RoomId,
  entries: readonly StoredEntry[],
  forbidden: { has(hash: string): boolean },
): HonestLog {
  const hashes = [emptyLogHash(room)];
  const members = new Map<Fingerprint, number>();
  const joinedAt = new Map<Fingerprint, number>();
  const invited = new Map<Fingerprint, number>();
  const users = new Map<Fingerprint, UserName>();
  const messages: LoggedMessage[] = [];
  const epochs: LoggedEpoch[] = [];
  const voidEpochs: LoggedEpoch[] = [];
  let name = '';
  let policy: Policy = { join: 'open', history: 'since-join' };
  for (const { seq, at, hash, entry } of entries) {
    const { type, by } = entry;
    const payload = fieldsOf(entry.payload) as AnyPayload;
    hashes.push(nextLogHash(hashes.at(-1) ?? '', { seq, type, hash }));
    if (forbidden.has(hash)) continue;
    const { head } = payload;
    const isVoid = grantsAccess.has(type) && (head.seq >= seq || hashes[head.seq] !== head.hash);
    if (isVoid && type !== 'epoch') continue;
    if (type === 'create') ({ name, policy } = payload);
    if (type === 'create' || type === 'join') {
      members.set(by, invited.get(by) ?? seq);
      joinedAt.set(by, at);
      invited.delete(by);
      users.set(by, payload.author);
    }
    if (type === 'invite') invited.set(payload.fingerprint, seq);
    const gone =
      type === 'leave' || type === 'decline' ? by : type === 'remove' || type === 'revoke' ? payload.fingerprint : null;
    if (gone !== null) {
      members.delete(gone);
      invited.delete(gone);
    }
    if (type === 'epoch') {
      const { number, kind, commitment, past } = payload;
      const recipients = new Map([...members, ...invited]);
      const made = { number, seq, at, recipients, isStep: kind === 'step', commitment, opensPast: past !== undefined };
      (isVoid ? voidEpochs : epochs).push(made);
    }
    if (type === 'message') {
      messages.push({ seq, hash, user: users.get(by) ?? '', epoch: payload.epoch, token: payload.token });
    }
  }
  return { room, name, policy, hashes, members, joinedAt, messages, epochs, voidEpochs };
}
