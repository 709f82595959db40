/** The log hashes of a test's rooms, for the author views of its entries. */
import type { Store } from '../../src/index.ts';

export const noHash = '0'.repeat(64);

const logs = new Map<string, string[]>();

/** Records the log hashes that a store gets. Returns the store. */
export function watched<S extends Store>(store: S): S {
  const append = store.append.bind(store);
  store.append = (entry) => {
    const log = logs.get(entry.room) ?? [];
    log[entry.seq] = entry.logHash;
    logs.set(entry.room, log);
    return append(entry);
  };
  return store;
}

/** Returns the author view at a position. For a position that no watched store has, its hash is never right. */
export const viewAt = (room: string, seq: number) => ({ seq, hash: logs.get(room)?.[seq] ?? noHash });
