/** A room with messages in the store of a server, which does not use that room. */
import { join } from 'node:path';
import { emptyLogHash, encodePayload, entryHash, nextLogHash } from '@chat/protocol';
import type { Store } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';

/** The id of the room. Its name is `den`. */
export const filledRoom = 'a'.repeat(64);
const fingerprint = 'b'.repeat(64);

/** Returns what appends one entry after another to a room: a `create` entry, then messages, all of 1970. */
function appender(store: Pick<Store, 'append'>, room: string, name: string): () => Promise<void> {
  let [seq, logHash] = [0, emptyLogHash(room)];
  return () => {
    seq += 1;
    const type = seq === 1 ? 'create' : 'message';
    const entry = {
      type,
      payload: encodePayload({ type, seq }),
      by: fingerprint,
      signature: new Uint8Array(9),
    } as const;
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, { seq, type, hash });
    const policy = { join: 'open', history: 'since-join' } as const;
    const change = seq === 1 ? ({ kind: 'create', name, policy, user: 'alice', fingerprint } as const) : null;
    const cid = room.slice(-8) + String(seq).padStart(24, '0');
    return store.append({ room, seq, at: seq, hash, logHash, entry, author: 'alice', cid, change });
  };
}

/** Stores the room in the data directory of a server: a `create` entry and `messages` messages. */
export async function fillStore(data: string, messages: number): Promise<void> {
  const store = await openSqliteStore(join(data, 'chat.db'));
  const append = appender(store, filledRoom, 'den');
  await Promise.all(Array.from({ length: messages + 1 }, append));
  await store.close();
}

/** Entries of each writer: a machine that is busy stops none before. */
const maxWritten = 400;

/** Writers that append to a room each until they are stopped. */
export interface Writers {
  readonly rooms: readonly string[];
  /** The number of acknowledged entries of each room. */
  acknowledged(): readonly number[];
  /** Resolves when so many entries are acknowledged in all. */
  until(entries: number): Promise<void>;
  stop(): Promise<void>;
}

/** Creates so many rooms in the store of a server, and appends to all of them at once. */
export async function writeRooms(data: string, count: number): Promise<Writers> {
  const store = await openSqliteStore(join(data, 'chat.db'));
  const rooms = Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, '0'));
  const heads = rooms.map(() => 0);
  let isStopped = false;
  let reached: () => void = () => {};
  let wanted = Number.POSITIVE_INFINITY;
  const write = async (room: string, index: number): Promise<void> => {
    const append = appender(store, room, `room-${index}`);
    for (let seq = 1; !isStopped && seq <= maxWritten; seq++) {
      await append();
      heads[index] = seq;
      if (heads.reduce((sum, head) => sum + head, 0) >= wanted) reached();
    }
  };
  const writing = Promise.all(rooms.map(write));
  return {
    rooms,
    acknowledged: () => [...heads],
    until: (entries) =>
      new Promise((resolve) => {
        wanted = entries;
        reached = resolve;
      }),
    stop: async () => {
      isStopped = true;
      await writing;
      await store.close();
    },
  };
}
