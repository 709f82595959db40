/**
 * Counts what a store takes and deletes. It counts everything once, when it is created; from then on each append and deletion is added, so
 * that the operator's question costs nothing.
 */
import { type Account, type MessageUsage, type Store, StoreConflict } from '@chat/server-core';
import type { Amount } from './usage.ts';

const roomsPerPage = 1_000;
const accountsPerPage = 1_000;

/** What a store has, and what it does now. */
export interface StoreCounts {
  /** Accounts, also those that are revoked. */
  readonly accounts: number;
  readonly rooms: number;
  readonly messages: number;
  /** Bytes of the payloads of messages. */
  readonly bytes: number;
  /** Entries that wait for the disk. */
  readonly waiting: number;
  /** Damaged rows that were met. A row that is met twice counts twice. */
  readonly damaged: number;
}

/** Learns of each append. Its functions MUST be cheap and MUST NOT throw. */
export interface AppendObserver {
  /** Returns milliseconds of a clock that only goes forward. */
  now(): number;
  /** An entry of this type is durable, so many milliseconds after it was given to the store. */
  appended(type: string, ms: number): void;
  /** The store could not append an entry, for a reason of its own. */
  appendFailed(): void;
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
 * @param observer learns of each append; null: there is none
 */
export async function countedStore(
  store: Store,
  added: (amount: Amount) => void,
  observer: AppendObserver | null = null,
): Promise<CountedStore> {
  let [accounts, rooms, messages, bytes, waiting, damaged] = [0, 0, 0, 0, 0, 0];
  const add = (amount: Amount, sign: 1 | -1) => {
    messages += sign * amount.messages;
    bytes += sign * amount.bytes;
  };
  for (let page: readonly MessageUsage[] | null = null; page === null || page.length === roomsPerPage; ) {
    page = await store.messageUsage(page?.at(-1)?.room ?? null, roomsPerPage);
    rooms += page.length;
    for (const room of page) add(room, 1);
  }

  for (let page: readonly Account[] | null = null; page === null || page.length === accountsPerPage; ) {
    page = await store.listAccounts(page?.at(-1)?.user ?? null, accountsPerPage);
    accounts += page.length;
  }

  const counting: Pick<Store, 'register' | 'freeNames' | 'append' | 'expire' | 'deleteRoom' | 'watchDamage'> = {
    async register(account, invitation) {
      const outcome = await store.register(account, invitation);
      if (outcome === 'registered') accounts += 1;
      return outcome;
    },
    async freeNames(user, at) {
      const names = await store.freeNames(user, at);
      accounts -= names.length;
      return names;
    },
    async append(appending) {
      waiting += 1;
      const at = observer?.now() ?? 0;
      try {
        await store.append(appending);
      } catch (error) {
        if (!(error instanceof StoreConflict)) observer?.appendFailed();
        throw error;
      } finally {
        waiting -= 1;
      }
      observer?.appended(appending.entry.type, observer.now() - at);
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
  return { store: { ...store, ...counting }, counts: () => ({ accounts, rooms, messages, bytes, waiting, damaged }) };
}
