/** What happened, by the server's own log: read once more from nothing, without the code that is tested. */
import { emptyLogHash, type Fingerprint, nextLogHash, type RoomId, type RoomName, type UserName } from '@chat/protocol';
import type { StoredEntry } from '@chat/server-core';

interface LoggedMessage {
  readonly seq: number;
  /** Entry hash. */
  readonly hash: string;
  readonly user: UserName;
  readonly epoch: number;
  readonly token: string;
}

interface LoggedEpoch {
  readonly number: number;
  readonly seq: number;
  /** Those for whom its key was made. */
  readonly members: ReadonlySet<Fingerprint>;
}

export interface HonestLog {
  readonly room: RoomId;
  readonly name: RoomName;
  /** The log's hash after each position; the first is the one before the first entry. */
  readonly hashes: readonly string[];
  /** The members at the end, and where each joined. */
  readonly members: ReadonlyMap<Fingerprint, number>;
  readonly messages: readonly LoggedMessage[];
  readonly epochs: readonly LoggedEpoch[];
}

interface AnyPayload {
  readonly author: UserName;
  readonly fingerprint: Fingerprint;
  readonly name: RoomName;
  readonly number: number;
  readonly epoch: number;
  readonly token: string;
}

export function readLog(room: RoomId, entries: readonly StoredEntry[]): HonestLog {
  const hashes = [emptyLogHash(room)];
  const members = new Map<Fingerprint, number>();
  const users = new Map<Fingerprint, UserName>();
  const messages: LoggedMessage[] = [];
  const epochs: LoggedEpoch[] = [];
  let name = '';
  for (const { seq, hash, entry } of entries) {
    const payload = JSON.parse(entry.payload) as AnyPayload;
    hashes.push(nextLogHash(hashes.at(-1) ?? '', seq, entry.type, hash));
    if (entry.type === 'create') name = payload.name;
    if (entry.type === 'create' || entry.type === 'join') {
      members.set(entry.by, seq);
      users.set(entry.by, payload.author);
    }
    if (entry.type === 'leave') members.delete(entry.by);
    if (entry.type === 'remove') members.delete(payload.fingerprint);
    if (entry.type === 'epoch') epochs.push({ number: payload.number, seq, members: new Set(members.keys()) });
    if (entry.type === 'message') {
      messages.push({ seq, hash, user: users.get(entry.by) ?? '', epoch: payload.epoch, token: payload.token });
    }
  }
  return { room, name, hashes, members, messages, epochs };
}
