/** What the logs of the rooms of a test look like: so that entries can say what their author has seen of one. */
import type { Store } from '../../src/index.ts';

export const noHash = '0'.repeat(64);

const logs = new Map<string, string[]>();

/** Makes a store note what is appended to it; returns it. */
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

/** The view of somebody who has read so far. A position that no watched store has seen has a hash that is never right. */
export const viewAt = (room: string, seq: number) => ({ seq, hash: logs.get(room)?.[seq] ?? noHash });
