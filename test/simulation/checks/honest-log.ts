/** What happened, by the server's own log: read once more from nothing, without the code that is tested. */
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
  /** Those for whom its key was made, by where they came to be so: members, and who was invited. */
  readonly recipients: ReadonlyMap<Fingerprint, number>;
  /** Whether its secret follows from the one before: those who have that one get no wrap. */
  readonly isStep: boolean;
  /** What its secret must derive, hex. */
  readonly commitment: string;
  /** Whether whoever has its secret has that of the epoch before. */
  readonly opensPast: boolean;
}

export interface HonestLog {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly policy: Policy;
  /** The log's hash after each position; the first is the one before the first entry. */
  readonly hashes: readonly string[];
  /** The members at the end, and from where on the room's keys are theirs. */
  readonly members: ReadonlyMap<Fingerprint, number>;
  readonly messages: readonly LoggedMessage[];
  readonly epochs: readonly LoggedEpoch[];
  /** Those that count for nobody who saw this log: their authors saw another, and made them for whom they saw there. */
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

/** Members count for nothing that lets somebody in when its author saw another log. */
const letsIn: ReadonlySet<string> = new Set(['invite', 'role', 'epoch']);

/** @param forbidden entry hashes of what counts for nobody */
export function readLog(
  room: RoomId,
  entries: readonly StoredEntry[],
  forbidden: { has(hash: string): boolean },
): HonestLog {
  const hashes = [emptyLogHash(room)];
  const members = new Map<Fingerprint, number>();
  const invited = new Map<Fingerprint, number>();
  const users = new Map<Fingerprint, UserName>();
  const messages: LoggedMessage[] = [];
  const epochs: LoggedEpoch[] = [];
  const voidEpochs: LoggedEpoch[] = [];
  let name = '';
  let policy: Policy = { join: 'open', history: 'since-join' };
  for (const { seq, hash, entry } of entries) {
    const { type, by } = entry;
    const payload = JSON.parse(entry.payload) as AnyPayload;
    hashes.push(nextLogHash(hashes.at(-1) ?? '', { seq, type, hash }));
    if (forbidden.has(hash)) continue;
    const { head } = payload;
    const isVoid = letsIn.has(type) && (head.seq >= seq || hashes[head.seq] !== head.hash);
    if (isVoid && type !== 'epoch') continue;
    if (type === 'create') ({ name, policy } = payload);
    if (type === 'create' || type === 'join') {
      members.set(by, invited.get(by) ?? seq);
      invited.delete(by);
      users.set(by, payload.author);
    }
    if (type === 'invite') invited.set(payload.fingerprint, seq);
    const gone = type === 'leave' ? by : type === 'remove' || type === 'revoke' ? payload.fingerprint : null;
    if (gone !== null) {
      members.delete(gone);
      invited.delete(gone);
    }
    if (type === 'epoch') {
      const { number, kind, commitment, past } = payload;
      const recipients = new Map([...members, ...invited]);
      const made = { number, seq, recipients, isStep: kind === 'step', commitment, opensPast: past !== undefined };
      (isVoid ? voidEpochs : epochs).push(made);
    }
    if (type === 'message') {
      messages.push({ seq, hash, user: users.get(by) ?? '', epoch: payload.epoch, token: payload.token });
    }
  }
  return { room, name, policy, hashes, members, messages, epochs, voidEpochs };
}
