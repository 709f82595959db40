/** A room with messages in the store of a server, which does not use that room. */
import { join } from 'node:path';
import { emptyLogHash, encodePayload, entryHash, nextLogHash } from '@chat/protocol';
import { openSqliteStore } from '@chat/store-sqlite';

/** The id of the room. Its name is `den`. */
export const filledRoom = 'a'.repeat(64);
const fingerprint = 'b'.repeat(64);

/** Stores the room in the data directory of a server: a `create` entry and `messages` messages, all of 1970. */
export async function fillStore(data: string, messages: number): Promise<void> {
  const store = await openSqliteStore(join(data, 'chat.db'));
  let logHash = emptyLogHash(filledRoom);
  const stored: Promise<void>[] = [];
  for (let seq = 1; seq <= messages + 1; seq++) {
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
    const change = seq === 1 ? ({ kind: 'create', name: 'den', policy, user: 'alice', fingerprint } as const) : null;
    const cid = String(seq).padStart(32, '0');
    stored.push(store.append({ room: filledRoom, seq, at: seq, hash, logHash, entry, author: 'alice', cid, change }));
  }
  await Promise.all(stored);
  await store.close();
}
