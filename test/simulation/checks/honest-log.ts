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
  readonly token: Uint8Array;
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

/** A renewed identity key of a member or an invited user. */
export interface LoggedRenewal {
  /** The first key of the user. */
  readonly user: Fingerprint;
  readonly before: Fingerprint;
  readonly after: Fingerprint;
  readonly seq: number;
  /** True if the user was invited and had not joined. */
  readonly isInvited: boolean;
}

/** A room's log. The first key of each user stands for the user, whatever key the log names. */
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
  /** The present keys of the members and the invited users at the end. */
  readonly keys: ReadonlyMap<Fingerprint, Fingerprint>;
  readonly renewals: readonly LoggedRenewal[];
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
  readonly token: Uint8Array;
}

/** Entries of these types give access. Members ignore them if the author had seen another log. */
const grantsAccess: ReadonlySet<string> = new Set(['invite', 'role', 'epoch']);

/** What is known of a log's entries without reading it. */
export interface LogReading {
  /** The hashes of entries that no member accepts. */
  readonly forbidden: { has(hash: string): boolean };
  /** Returns the first key of the user who has a key. It stands for the user in what is read. */
  readonly idOf: (key: Fingerprint) => Fingerprint;
}

export function readLog(room: RoomId, entries: readonly StoredEntry[], { forbidden, idOf }: LogReading): HonestLog {
  const hashes = [emptyLogHash(room)];
  const members = new Map<Fingerprint, number>();
  const joinedAt = new Map<Fingerprint, number>();
  const invited = new Map<Fingerprint, number>();
  const users = new Map<Fingerprint, UserName>();
  const keys = new Map<Fingerprint, Fingerprint>();
  const renewals: LoggedRenewal[] = [];
  const messages: LoggedMessage[] = [];
  const epochs: LoggedEpoch[] = [];
  const voidEpochs: LoggedEpoch[] = [];
  let name = '';
  let policy: Policy = { join: 'open', history: 'since-join' };
  for (const { seq, at, hash, entry } of entries) {
    const { type } = entry;
    const by = idOf(entry.by);
    const payload = fieldsOf(entry.payload) as AnyPayload;
    const concerned = idOf(payload.fingerprint);
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
      keys.set(by, entry.by);
    }
    if (type === 'invite') {
      invited.set(concerned, seq);
      keys.set(concerned, payload.fingerprint);
    }
    if (type === 'renew-key') {
      renewals.push({ user: by, before: keys.get(by) ?? '', after: entry.by, seq, isInvited: invited.has(by) });
      keys.set(by, entry.by);
      // What was said before is for the other key, which had not read it.
      if (invited.has(by)) invited.set(by, seq);
    }
    const gone =
      type === 'leave' || type === 'decline' ? by : type === 'remove' || type === 'revoke' ? concerned : null;
    if (gone !== null) {
      members.delete(gone);
      invited.delete(gone);
      keys.delete(gone);
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
  return { room, name, policy, hashes, members, joinedAt, keys, renewals, messages, epochs, voidEpochs };
}
