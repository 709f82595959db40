/** Brings the messages together that were read of one room under two names. */
import type { KeptMessage } from '../message.ts';
import { maxLimit, type PageOptions } from './store-options.ts';

/** The store in which messages are brought together. */
export interface MergingStore {
  page(roomId: string, options: PageOptions): Promise<readonly KeptMessage[]>;
  /** Adds messages to the room that gets them, at positions that it has none of. */
  place(messages: readonly KeptMessage[]): void;
}

/** Adds to a room the messages of another name at whose positions it has none. After a crash in between it is done anew, with the same result. */
export async function mergeRooms({ page, place }: MergingStore, from: string, into: string): Promise<void> {
  for (let after = -1; ; ) {
    const bound = { after, limit: maxLimit };
    const found = await page(from, bound);
    const last = found.at(-1);
    if (last === undefined) return;
    const own = await page(into, bound);
    // What the room has after the last message of its page is not known yet.
    const end = Math.min(last.seq, own.at(-1)?.seq ?? last.seq);
    const known = new Set(own.map(({ seq }) => seq));
    const lacking = found.filter(({ seq }) => seq <= end && !known.has(seq));
    if (lacking.length > 0) place(lacking);
    after = end;
  }
}
