/**
 * Counts what a store takes and deletes. It counts everything once, when it is created; from then on each append and deletion is added, so
 * that the operator's question costs nothing.
 */
import type { MessageUsage, Store } from '@chat/server-core';
import type { Amount } from './usage.ts';

const roomsPerPage = 1_000;

/** What a store has, and what it does now. */
export interface StoreCounts {
  readonly rooms: number;
  readonly messages: number;
  /** Bytes of the payloads of messages. */
  readonly bytes: number;
  /** Entries that wait for the disk. */
  readonly waiting: number;
  /** Damaged rows that were met. A row that is met twice counts twice. */
  readonly damaged: number;
}

/** A store that counts. */
export interface CountedStore {
  readonly store: Store;
  readonly counts: () => StoreCounts;
}

/**
 * Puts a counter before a store.
 *
 * @param added called with each message that is durable
 */
export async function countedStore(store: Store, added: (amount: Amount) => void): Promise<CountedStore> {
  let [rooms, messages, bytes, waiting, damaged] = [0, 0, 0, 0, 0];
  const add = (amount: Amount, sign: 1 | -1) => {
    messages += sign * amount.messages;
    bytes += sign * amount.bytes;
  };
  for (let page: readonly MessageUsage[] | null = null; page === null || page.length === roomsPerPage; ) {
    page = await store.messageUsage(page?.at(-1)?.room ?? null, roomsPerPage);
    rooms += page.length;
    for (const room of page) add(room, 1);
  }

  const counting: Pick<Store, 'append' | 'expire' | 'deleteRoom' | 'watchDamage'> = {
    async append(appending) {
      waiting += 1;
      try {
        await store.append(appending);
      } finally {
        waiting -= 1;
      }
      if (appending.change?.kind === 'create') rooms += 1;
      if (appending.entry.type !== 'message') return;
      const amount = { messages: 1, bytes: appending.entry.payload.length };
      add(amount, 1);
      added(amount);
    },
    async expire(roomId, expiry) {
      const expired = await store.expire(roomId, expiry);
      add(expired, -1);
      return expired;
    },
    async deleteRoom(roomId) {
      const held = await store.messagesOf(roomId);
      const isDeleted = await store.deleteRoom(roomId);
      if (isDeleted && held !== null) {
        rooms -= 1;
        add(held, -1);
      }
      return isDeleted;
    },
    watchDamage: (listener) =>
      store.watchDamage((row) => {
        damaged += 1;
        listener(row);
      }),
  };
  return { store: { ...store, ...counting }, counts: () => ({ rooms, messages, bytes, waiting, damaged }) };
}
