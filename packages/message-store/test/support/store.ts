/** Message stores over the files of a test, and messages for them. */
import { randomBytes } from 'node:crypto';
import {
  createMemoryFiles,
  emptyMessages,
  type KeptMessage,
  MessageStore,
  type MessageStoreOptions,
} from '@chat/message-store';

/** Opens a store. Default: without messages, in memory, at the time 1,000,000. */
export function storeWith(options: Partial<MessageStoreOptions> = {}): MessageStore {
  return new MessageStore({
    files: createMemoryFiles(),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    turn: async () => undefined,
    now: () => 1_000_000,
    changed: () => undefined,
    damaged: () => {
      throw new Error('A segment is damaged.');
    },
    stored: emptyMessages,
    ...options,
  });
}

/** Returns a message at a position. */
export const message = (seq: number, text: string, others: Partial<KeptMessage> = {}): KeptMessage => ({
  seq,
  user: 'alice',
  fingerprint: 'a'.repeat(64),
  text,
  at: seq * 1000,
  ...others,
});

/** Returns messages at the positions from `first` to `last`. */
export const messages = (
  first: number,
  last: number,
  text = (seq: number) => `message ${seq}`,
): readonly KeptMessage[] =>
  Array.from({ length: last - first + 1 }, (_, index) => message(first + index, text(first + index)));

/** Writes what is in no segment, and then stores the state as a client does. */
export async function flushed(store: MessageStore): Promise<void> {
  await store.flush();
  await stored(store);
}

/** Does what a client does once it has stored the state. */
export const stored = (store: MessageStore): Promise<void> => store.wasStored(store.changes);

/** Returns the positions on a page. */
export const seqsOf = (page: readonly KeptMessage[]): readonly number[] => page.map(({ seq }) => seq);
